//go:build linux

package parent_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"

	"github.com/nsexec-stub/nsexec-stub/embed/go/parent"
)

// A container with its own user, pid and host name namespaces, which any user may create. The
// program is this one, executed again with the argument "pid".
func Example() {
	cmd := parent.Command("/proc/self/exe", "pid")
	cmd.Message = &parent.Message{
		CloneFlags: syscall.CLONE_NEWUSER | syscall.CLONE_NEWPID | syscall.CLONE_NEWUTS,
		UIDMap:     []parent.IDMap{{Inside: 0, Outside: uint32(os.Getuid()), Count: 1}},
		GIDMap:     []parent.IDMap{{Inside: 0, Outside: uint32(os.Getgid()), Count: 1}},
		Rootless:   os.Getuid() != 0,
	}
	out, err := cmd.Output()
	fmt.Print(string(out))
	fmt.Println(err)
	// Output:
	// pid 1
	// <nil>
}

// When the context is done, the init is killed. In a pid namespace all other processes end with it.
func ExampleCommandContext() {
	ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
	defer cancel()
	cmd := parent.CommandContext(ctx, "/proc/self/exe", "sleep")
	cmd.Message.CloneFlags = syscall.CLONE_NEWPID
	fmt.Println(cmd.Run())
	// Output: context deadline exceeded
}

// An error says which stage failed, in which call and with which object. It wraps the kernel's
// errno.
func ExampleError() {
	cmd := parent.Command("/proc/self/exe", "pid")
	cmd.Message.Namespaces = []string{"net:/run/netns/blue"}
	err := cmd.Run()
	var failure *parent.Error
	if errors.As(err, &failure) {
		fmt.Println(failure.Stage, failure.Call, failure.Object)
	}
	fmt.Println(errors.Is(err, syscall.ENOENT))
	// Output:
	// 1 open namespace net:/run/netns/blue
	// true
}

// A program without the stub would run on the host, so it is not started.
func ExampleCheckStub() {
	fmt.Println(errors.Is(parent.CheckStub("/bin/sh"), parent.ErrNoStub))
	fmt.Println(errors.Is(parent.Command("/bin/sh", "-c", "reboot").Run(), parent.ErrNoStub))
	// Output:
	// true
	// true
}
