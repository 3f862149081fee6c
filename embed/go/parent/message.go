//go:build linux

package parent

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"unsafe"
)

// IDMap is one line of a user namespace's id map. It maps Count ids, from Inside on, to the ids
// outside from Outside on.
type IDMap struct {
	Inside, Outside, Count uint32
}

// Message tells the stub what to do. The zero value asks for nothing.
type Message struct {
	CloneFlags  uintptr  // syscall.CLONE_NEW*: the namespaces to create
	Namespaces  []string // the namespaces to join: "net:/proc/123/ns/net"; see Of
	UIDMap      []IDMap  // with CLONE_NEWUSER
	GIDMap      []IDMap  // with CLONE_NEWUSER
	SetGroups   bool     // drop the supplementary groups; ignored if Rootless is set
	Rootless    bool     // the caller is not root; denies setgroups(2) for good, as the kernel demands
	UIDMapTool  string   // path of newuidmap, for maps that the caller itself may not write
	GIDMapTool  string   // path of newgidmap
	OOMScoreAdj *int     // nil: do not change it
	TimeOffsets []string // with CLONE_NEWTIME: "monotonic 100 0", in seconds and nanoseconds
}

// Of returns the namespaces of a process, for Message.Namespaces: Of(123, "net", "mnt"). The types are
// those of /proc/PID/ns: cgroup, ipc, mnt, net, pid, time, user, uts.
func Of(pid int, types ...string) []string {
	var namespaces []string
	for _, one := range types {
		namespaces = append(namespaces, fmt.Sprintf("%s:/proc/%d/ns/%s", one, pid, one))
	}
	return namespaces
}

// The message's type, and the types of its attributes.
const (
	typeInit       = 62000
	attrCloneFlags = 27281 + iota - 1
	attrNamespaces
	attrUIDMap
	attrGIDMap
	attrSetGroups
	attrOOMScoreAdj
	attrRootless
	attrUIDMapTool
	attrGIDMapTool
	attrTimeOffsets
)

var namespaceTypes = map[string]bool{"cgroup": true, "ipc": true, "mnt": true, "net": true, "pid": true,
	"time": true, "user": true, "uts": true}

// native is the byte order of this machine.
var native = func() binary.ByteOrder {
	one := uint16(1)
	if *(*byte)(unsafe.Pointer(&one)) == 1 {
		return binary.LittleEndian
	}
	return binary.BigEndian
}()

func lines(maps []IDMap) string {
	var text strings.Builder
	for _, one := range maps {
		fmt.Fprintf(&text, "%d %d %d\n", one.Inside, one.Outside, one.Count)
	}
	return text.String()
}

func checkNamespaces(namespaces []string) error {
	for _, one := range namespaces {
		colon := strings.IndexByte(one, ':')
		if colon < 0 || !namespaceTypes[one[:colon]] {
			return fmt.Errorf("namespace %q: it must be TYPE:PATH, with a type as in /proc/PID/ns", one)
		}
		if path := one[colon+1:]; path == "" || strings.IndexByte(path, ',') >= 0 {
			return fmt.Errorf("namespace %q: the path is empty or has a comma, which separates namespaces", one)
		}
	}
	return nil
}

// Encode returns the message in the stub's format.
func (m *Message) Encode() ([]byte, error) { return m.encode(native) }

func (m *Message) encode(order binary.ByteOrder) ([]byte, error) {
	if m == nil {
		return nil, ErrNoMessage
	}
	failure := checkNamespaces(m.Namespaces)
	// The message has 32 bits for them, and the stub refuses those that are no namespace.
	if above := uint64(m.CloneFlags) >> 32; failure == nil && above != 0 {
		failure = fmt.Errorf("CloneFlags: %#x is no namespace", above<<32)
	}
	var body bytes.Buffer
	add := func(attribute uint16, payload []byte) {
		if failure == nil && len(payload) > 0xffff-4 {
			failure = errors.New("attribute " + fmt.Sprint(attribute) + " is too long")
		}
		var header [4]byte
		order.PutUint16(header[:], uint16(4+len(payload)))
		order.PutUint16(header[2:], attribute)
		body.Write(header[:])
		body.Write(payload)
		body.Write(make([]byte, -len(payload)&3))
	}
	text := func(attribute uint16, value string) {
		if value == "" {
			return
		}
		if failure == nil && strings.IndexByte(value, 0) >= 0 {
			failure = fmt.Errorf("%q contains a NUL", value)
		}
		add(attribute, append([]byte(value), 0))
	}
	number := func(attribute uint16, value uint32) {
		var payload [4]byte
		order.PutUint32(payload[:], value)
		add(attribute, payload[:])
	}
	number(attrCloneFlags, uint32(m.CloneFlags))
	text(attrNamespaces, strings.Join(m.Namespaces, ","))
	text(attrUIDMap, lines(m.UIDMap))
	text(attrGIDMap, lines(m.GIDMap))
	if m.SetGroups {
		number(attrSetGroups, 1)
	}
	if m.Rootless {
		number(attrRootless, 1)
	}
	text(attrUIDMapTool, m.UIDMapTool)
	text(attrGIDMapTool, m.GIDMapTool)
	if m.OOMScoreAdj != nil {
		text(attrOOMScoreAdj, fmt.Sprint(*m.OOMScoreAdj))
	}
	if len(m.TimeOffsets) > 0 {
		text(attrTimeOffsets, strings.Join(m.TimeOffsets, "\n")+"\n")
	}
	if failure != nil {
		return nil, fmt.Errorf("nsenter/parent: message: %w", failure)
	}
	header := make([]byte, 16)
	order.PutUint32(header, uint32(16+body.Len()))
	order.PutUint16(header[4:], typeInit)
	return append(header, body.Bytes()...), nil
}
