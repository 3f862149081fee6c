//go:build linux

// Package parent is the other side of package nsenter: it starts a program behind the stub as a
// container's init, tells it what to do, and reads the pids. The protocol is docs/protocol.md, dialect
// runc-1.2.
package parent

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"unsafe"
)

// IDMap is one line of a user namespace's id map.
type IDMap struct {
	Inside, Outside, Count uint32
}

// Message is what the stub shall do. The zero value asks for nothing.
type Message struct {
	CloneFlags    uintptr  // syscall.CLONE_NEW*: namespaces to create
	Namespaces    []string // "net:/proc/123/ns/net": namespaces to join
	UIDMap        []IDMap  // with CLONE_NEWUSER
	GIDMap        []IDMap
	SetGroups     bool   // drop the supplementary groups; not where Rootless
	Rootless      bool   // the caller is not root: setgroups is given up for good
	UIDMapTool    string // newuidmap, where the kernel refuses the map to the caller
	GIDMapTool    string
	OOMScoreAdj   *int
	TimeOffsets   []string // "monotonic 100 0": with CLONE_NEWTIME
	EncodingOrder binary.ByteOrder
}

// The attributes of the message.
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

// Encode gives the message as the stub reads it.
func (m *Message) Encode() ([]byte, error) {
	order := m.EncodingOrder
	if order == nil {
		order = native
	}
	var body bytes.Buffer
	add := func(attribute uint16, payload []byte) error {
		if len(payload) > 0xffff-4 {
			return fmt.Errorf("nsenter/parent: attribute %d: %d bytes are too many", attribute, len(payload))
		}
		var header [4]byte
		order.PutUint16(header[:], uint16(4+len(payload)))
		order.PutUint16(header[2:], attribute)
		body.Write(header[:])
		body.Write(payload)
		body.Write(make([]byte, -len(payload)&3))
		return nil
	}
	var failure error
	text := func(attribute uint16, value string) {
		if value == "" || failure != nil {
			return
		}
		if strings.IndexByte(value, 0) >= 0 {
			failure = fmt.Errorf("nsenter/parent: attribute %d: a NUL inside", attribute)
			return
		}
		failure = add(attribute, append([]byte(value), 0))
	}
	number := func(attribute uint16, value uint32) {
		var payload [4]byte
		order.PutUint32(payload[:], value)
		if failure == nil {
			failure = add(attribute, payload[:])
		}
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
		return nil, failure
	}
	header := make([]byte, 16)
	order.PutUint32(header, uint32(16+body.Len()))
	order.PutUint16(header[4:], typeInit)
	return append(header, body.Bytes()...), nil
}

// Container is a container whose init has been started.
type Container struct {
	Pid  int      // of the init, as the caller sees it
	Pipe *os.File // the init pipe: what the program behind the stub may be told
}

// Start runs command, whose program has the stub in front, as the init of a container. It returns when
// the container is set up. The init is a child of the caller, who waits for it with Wait. Log receives
// the stub's records, one JSON object a line, and may be nil: then fatal errors are in the error.
func Start(command *exec.Cmd, message *Message, log io.Writer) (*Container, error) {
	encoded, err := message.Encode()
	if err != nil {
		return nil, err
	}
	ends, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, os.NewSyscallError("socketpair", err)
	}
	ours := os.NewFile(uintptr(ends[0]), "init pipe")
	theirs := os.NewFile(uintptr(ends[1]), "init pipe of the container")
	defer theirs.Close()
	logReader, logWriter, err := os.Pipe()
	if err != nil {
		ours.Close()
		return nil, err
	}
	defer logReader.Close()

	number := 3 + len(command.ExtraFiles)
	command.ExtraFiles = append(command.ExtraFiles, theirs, logWriter)
	if command.Env == nil {
		command.Env = os.Environ()
	}
	command.Env = append(command.Env, fmt.Sprintf("_LIBCONTAINER_INITPIPE=%d", number),
		fmt.Sprintf("_LIBCONTAINER_LOGPIPE=%d", number+1))
	if log == nil {
		command.Env = append(command.Env, "_LIBCONTAINER_LOGLEVEL=1")
	}
	err = command.Start()
	logWriter.Close()
	if err != nil {
		ours.Close()
		return nil, err
	}
	theirs.Close()

	var fatal string
	records := make(chan struct{})
	pids := make(chan [2]int, 1)
	go func() {
		defer close(records)
		decoder := json.NewDecoder(logReader)
		for {
			var record struct{ Level, Msg string }
			if decoder.Decode(&record) != nil {
				return
			}
			if record.Level == "fatal" {
				fatal = record.Msg
			}
			if log != nil {
				fmt.Fprintf(log, "{\"level\":%q,\"msg\":%q}\n", record.Level, record.Msg)
			}
		}
	}()
	go func() { pids <- readPids(ours) }()
	_, writeError := ours.Write(encoded)
	verdict := command.Wait() // stage 0, which ends when the init is set up
	if verdict != nil || writeError != nil {
		ours.Close()
		got := <-pids
		for _, pid := range got {
			if pid > 0 {
				syscall.Wait4(pid, nil, 0, nil)
			}
		}
		<-records
		if fatal != "" {
			return nil, errors.New(fatal)
		}
		if verdict == nil {
			verdict = writeError
		}
		return nil, verdict
	}
	got := <-pids
	syscall.Wait4(got[0], nil, 0, nil)
	if got[1] == 0 {
		ours.Close()
		return nil, errors.New("nsenter/parent: no pids came")
	}
	return &Container{Pid: got[1], Pipe: ours}, nil
}

// readPids reads the pid line, byte by byte: what comes behind it is the program's.
func readPids(pipe io.Reader) [2]int {
	var line []byte
	one := make([]byte, 1)
	for {
		if n, err := pipe.Read(one); n != 1 || err != nil {
			return [2]int{}
		}
		if one[0] == '\n' {
			break
		}
		line = append(line, one[0])
	}
	var pids struct {
		Stage1 int `json:"stage1_pid"`
		Stage2 int `json:"stage2_pid"`
	}
	if json.Unmarshal(line, &pids) != nil {
		return [2]int{}
	}
	return [2]int{pids.Stage1, pids.Stage2}
}

// Wait waits for the container's init and gives its status.
func (c *Container) Wait() (syscall.WaitStatus, error) {
	defer c.Pipe.Close()
	var status syscall.WaitStatus
	for {
		_, err := syscall.Wait4(c.Pid, &status, 0, nil)
		if err != syscall.EINTR {
			return status, os.NewSyscallError("wait4", err)
		}
	}
}
