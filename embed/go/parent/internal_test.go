//go:build linux

package parent

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
)

func TestEncodesAsTheStubReads(t *testing.T) {
	message := Message{CloneFlags: syscall.CLONE_NEWNS, Namespaces: []string{"net:/a", "pid:/b"}}
	got, err := message.encode(binary.LittleEndian)
	if err != nil {
		t.Fatal(err)
	}
	want := "\x2c\x00\x00\x00\x30\xf2" + strings.Repeat("\x00", 10) +
		"\x08\x00\x91\x6a\x00\x00\x02\x00" + "\x12\x00\x92\x6anet:/a,pid:/b\x00\x00\x00"
	if !bytes.Equal(got, []byte(want)) {
		t.Errorf("%q, not %q", got, want)
	}
	got, err = (&Message{CloneFlags: syscall.CLONE_NEWNS}).encode(binary.BigEndian)
	if want := "\x00\x00\x00\x18\xf2\x30" + strings.Repeat("\x00", 10) + "\x00\x08\x6a\x91\x00\x02\x00\x00"; err != nil || string(got) != want {
		t.Errorf("%q, not %q", got, want)
	}
}

func TestRefusesToEncode(t *testing.T) {
	for _, namespaces := range [][]string{{"net:/a\x00b"}, {"net"}, {"net:"}, {"door:/a"}, {"net:/a,b"}, {""},
		{"net:/" + strings.Repeat("x", 1<<16)}} {
		if _, err := (&Message{Namespaces: namespaces}).Encode(); err == nil {
			t.Errorf("%.20q is encoded", namespaces)
		}
	}
	if _, err := (&Message{CloneFlags: 1 << 40}).Encode(); err == nil {
		t.Error("a flag that the message has no room for is left out")
	}
	if _, err := (*Message)(nil).Encode(); err != ErrNoMessage {
		t.Error(err)
	}
}

// As exec.Cmd does: what reads the environment takes a name's first value, and who writes it means the last.
func TestTheLastValueOfAVariableCounts(t *testing.T) {
	cmd := &Cmd{Env: []string{"A=1", "B=b", "A=2", "_LIBCONTAINER_INITPIPE=9", "no equals sign"}, Dir: "/usr"}
	got := strings.Join(cmd.environment(3, 4), " ")
	want := "B=b A=2 no equals sign _LIBCONTAINER_INITPIPE=3 _LIBCONTAINER_LOGPIPE=4 _LIBCONTAINER_LOGLEVEL=1"
	if got != want {
		t.Errorf("%q, not %q", got, want)
	}
	cmd.Env = nil
	count := 0
	for _, one := range cmd.environment(3, 4) {
		if strings.HasPrefix(one, "PWD=") && one != "PWD=/usr" {
			t.Error(one)
		} else if one == "PWD=/usr" {
			count++
		}
	}
	if count != 1 {
		t.Error("PWD is there", count, "times")
	}
}

func TestReadsThePidLineOfEveryNewerDialect(t *testing.T) {
	for _, sent := range []string{"{\"stage1_pid\":3,\"stage2_pid\":4}\nmore", "\x00{\"stage1_pid\":3,\"stage2_pid\":4}\n"} {
		if got := readPids(strings.NewReader(sent)); got != (pidLine{3, 4}) {
			t.Errorf("%q: %v", sent, got)
		}
	}
	for _, sent := range []string{"", "\x00", "{}\n", "{\x00}\n", "{\"stage1_pid\":3"} {
		if got := readPids(strings.NewReader(sent)); got != (pidLine{}) {
			t.Errorf("%q: %v", sent, got)
		}
	}
}

func TestOfNamesNamespaces(t *testing.T) {
	if got := strings.Join(Of(12, "net", "mnt"), " "); got != "net:/proc/12/ns/net mnt:/proc/12/ns/mnt" {
		t.Error(got)
	}
}

func TestTakesFatalRecordsApart(t *testing.T) {
	for message, want := range map[string]Error{
		"nsexec-1[12]: open namespace net:/a b: ENOENT": {1, 12, "open namespace", "net:/a b", "ENOENT", syscall.ENOENT},
		"nsexec-0[7]: write /proc/8/uid_map: EPERM":     {0, 7, "write", "/proc/8/uid_map", "EPERM", syscall.EPERM},
		"nsexec-0[7]: open /proc: EACCES":               {0, 7, "open", "/proc", "EACCES", syscall.EACCES},
		"nsexec-1[9]: clone stage 2: EAGAIN":            {1, 9, "clone stage 2", "", "EAGAIN", syscall.EAGAIN},
		"nsexec-2[9]: setsid: errno 999":                {2, 9, "setsid", "", "errno 999", 999},
		"nsexec-0[7]: id map tool /bin/a: exit status 1": {0, 7, "id map tool", "/bin/a",
			"exit status 1", 0},
		"nsexec[3]: bootstrap message: uid map: bad\n: not a map": {-1, 3, "bootstrap message",
			"uid map: bad\n", "not a map", 0},
		"nsexec[3]: bootstrap message: end of file": {-1, 3, "bootstrap message", "", "end of file", 0},
		"nsexec[3]: _LIBCONTAINER_LOGPIPE=x: not a decimal int": {-1, 3, "environment",
			"_LIBCONTAINER_LOGPIPE=x", "not a decimal int", 0},
		"nsexec[3]: seal self/exe: memfd ENOSYS tmpfile EROFS": {-1, 3, "seal", "self/exe",
			"memfd ENOSYS tmpfile EROFS", 0},
		"something else":     {-1, 0, "", "", "something else", 0},
		"":                   {-1, 0, "", "", "", 0},
		"nsexec-0[7]: setns": {0, 7, "", "", "setns", 0},
	} {
		if got := parseFatal(message); *got != want {
			t.Errorf("%q: %+v, not %+v", message, *got, want)
		}
	}
}

// Compares the lists of this package with the stub's sources, if these are there.
func TestKnowsWhatTheStubSays(t *testing.T) {
	names, err := os.ReadFile("../../../syscalls/errno_names.h")
	if err != nil {
		t.Skip("the stub's sources are not here")
	}
	for _, one := range regexp.MustCompile(`\\\d{3}(E[A-Z0-9]+)\\0`).FindAllSubmatch(names, -1) {
		if errnos[string(one[1])] == 0 {
			t.Errorf("%s is missing", one[1])
		}
	}
	files, _ := filepath.Glob("../../../stub/*.cpp")
	more, _ := filepath.Glob("../../../stub/seal/*.cpp")
	known := map[string]bool{}
	for _, one := range calls {
		known[one] = true
	}
	checked := 0
	for _, file := range append(files, more...) {
		text, _ := os.ReadFile(file)
		for _, one := range regexp.MustCompile(`(?:check|check_root|fail|fail_alone)\(([^";]*)"([^"]+)"`).FindAllSubmatch(text, -1) {
			if strings.Contains(string(one[1]), "nullptr") {
				continue // a reason, not a call
			}
			checked++
			if call := strings.Fields(string(one[2])); !known[string(one[2])] && !known[call[0]] {
				t.Errorf("%s: %q is missing", file, one[2])
			}
		}
	}
	if checked < 30 {
		t.Error("only", checked, "calls found")
	}
}

func TestFindsTheNoteAmongOthers(t *testing.T) {
	note := func(kind byte, name, description string) string {
		padded := func(text string) string { return text + strings.Repeat("\x00", -len(text)&3) }
		return string([]byte{byte(len(name)), 0, 0, 0, byte(len(description)), 0, 0, 0, kind, 0, 0, 0}) +
			padded(name) + padded(description)
	}
	ours, other := note(1, string(constructorMark), ""), note(3, "GNU\x00", "a build id of 21 byte")
	for text, want := range map[string]bool{
		"": false, ours: true, other: false, other + ours: true, ours + other: true, other + other + ours: true,
		ours[:len(ours)-4]:                                    false, // cut short
		note(2, string(constructorMark), ""):                  false, // another type
		note(3, "GNU\x00", ours):                              false, // a description is not a note
		strings.Repeat("\xff", 64):                            false,
		string(constructorMark):                               false,
		note(1, string(constructorMark[:16]), ""):             false, // the name ends with a NUL
		note(1, strings.ToUpper(string(constructorMark)), ""): false,
	} {
		if got := isConstructorNoteIn([]byte(text), binary.LittleEndian); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}
