//go:build linux

package parent_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"github.com/nsexec-stub/nsexec-stub/embed/go/parent"
)

func Example() {
	command := exec.Command("/proc/self/exe", "init")
	message := &parent.Message{
		CloneFlags: syscall.CLONE_NEWUSER | syscall.CLONE_NEWPID | syscall.CLONE_NEWUTS,
		UIDMap:     []parent.IDMap{{Inside: 0, Outside: uint32(os.Getuid()), Count: 1}},
		GIDMap:     []parent.IDMap{{Inside: 0, Outside: uint32(os.Getgid()), Count: 1}},
		Rootless:   true,
	}
	container, err := parent.Start(command, message, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	status, _ := container.Wait()
	fmt.Println("exit status", status.ExitStatus())
}

func TestEncodesAsTheStubReads(t *testing.T) {
	message := parent.Message{CloneFlags: syscall.CLONE_NEWNS, Namespaces: []string{"net:/a", "pid:/b"},
		EncodingOrder: binary.LittleEndian}
	got, err := message.Encode()
	if err != nil {
		t.Fatal(err)
	}
	want := "\x2c\x00\x00\x00\x30\xf2" + strings.Repeat("\x00", 10) +
		"\x08\x00\x91\x6a\x00\x00\x02\x00" + "\x12\x00\x92\x6anet:/a,pid:/b\x00\x00\x00"
	if !bytes.Equal(got, []byte(want)) {
		t.Errorf("%q, not %q", got, want)
	}
	if _, err := (&parent.Message{Namespaces: []string{"net:/a\x00b"}}).Encode(); err == nil {
		t.Error("a NUL inside a string is encoded")
	}
}

// hello is a program with the stub in front (make embed builds it).
func hello(t *testing.T) string {
	program := os.Getenv("NSEXEC_HELLO")
	if program == "" {
		t.Skip("NSEXEC_HELLO does not name a program with the stub in front")
	}
	return program
}

func TestStartsAContainer(t *testing.T) {
	var out, log bytes.Buffer
	command := exec.Command(hello(t), "init", "last one")
	command.Stdout = &out
	message := &parent.Message{
		CloneFlags: syscall.CLONE_NEWUSER | syscall.CLONE_NEWPID,
		UIDMap:     []parent.IDMap{{Inside: 0, Outside: uint32(os.Getuid()), Count: 1}},
		GIDMap:     []parent.IDMap{{Inside: 0, Outside: uint32(os.Getgid()), Count: 1}},
		Rootless:   os.Getuid() != 0,
	}
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	command.Stdout = writer
	container, err := parent.Start(command, message, &log)
	writer.Close()
	if err != nil {
		t.Fatal(err, log.String())
	}
	out.ReadFrom(reader)
	status, err := container.Wait()
	if err != nil || status.ExitStatus() != 0 {
		t.Error(status, err)
	}
	if !strings.Contains(out.String(), "pid: 1\n") {
		t.Error(out.String())
	}
	if !strings.Contains(log.String(), "nsexec container setup") {
		t.Error(log.String())
	}
}

func TestTellsWhyNot(t *testing.T) {
	message := &parent.Message{Namespaces: []string{"net:/nonexistent"}}
	_, err := parent.Start(exec.Command(hello(t), "init"), message, nil)
	if err == nil || !strings.Contains(err.Error(), "open namespace net:/nonexistent: ENOENT") {
		t.Error(err)
	}
}
