package seccomp

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"unsafe"
)

// A filter stays, so each of these runs in a process of its own.
var children = map[string]func() error{
	"errno":  childErrno,
	"notify": childNotify,
	"tsync":  childTsync,
	"docker": childDocker,
}

func TestMain(m *testing.M) {
	if child := children[os.Getenv("NSEXEC_SECCOMP_CHILD")]; child != nil {
		if err := child(); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func runChild(t *testing.T, name string, flags ...Flag) {
	t.Helper()
	for _, flag := range append([]Flag{FlagLog}, flags...) {
		if err := flag.Supported(); err != nil {
			t.Skip(err)
		}
	}
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = append(os.Environ(), "NSEXEC_SECCOMP_CHILD="+name)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
}

// start loads a filter for the calling goroutine's thread.
func start(profile *Profile) (int, error) {
	filter, err := Compile(profile, Native())
	if err != nil {
		return -1, err
	}
	runtime.LockOSThread()
	const setNoNewPrivs = 38
	if _, _, errno := syscall.RawSyscall6(syscall.SYS_PRCTL, setNoNewPrivs, 1, 0, 0, 0, 0); errno != 0 {
		return -1, errno
	}
	return filter.Load()
}

func want(what string, number uintptr, argument uintptr, errno syscall.Errno) error {
	if _, _, got := syscall.RawSyscall(number, argument, 0, 0); got != errno {
		return fmt.Errorf("%s(%#x): %v, and not %v", what, argument, got, errno)
	}
	return nil
}

func first(list ...error) error {
	for _, err := range list {
		if err != nil {
			return err
		}
	}
	return nil
}

func TestErrno(t *testing.T) { runChild(t, "errno") }

func childErrno() error {
	errno := uint(syscall.EXDEV)
	listener, err := start(&Profile{DefaultAction: ActAllow, Flags: []Flag{FlagLog}, Syscalls: []Syscall{
		{Names: []string{"sync"}, Action: ActErrno},
		{Names: []string{"getpriority"}, Action: ActErrno, ErrnoRet: &errno, Args: []Arg{{Index: 0, Op: OpGreaterEqual, Value: 1}}},
	}})
	if err != nil || listener != -1 {
		return fmt.Errorf("%d, %v", listener, err)
	}
	return first(
		want("getppid", syscall.SYS_GETPPID, 0, 0),
		want("sync", syscall.SYS_SYNC, 0, syscall.EPERM),
		want("getpriority", syscall.SYS_GETPRIORITY, 0, 0),
		want("getpriority", syscall.SYS_GETPRIORITY, 1, syscall.EXDEV),
		want("getpriority", syscall.SYS_GETPRIORITY, ^uintptr(0), syscall.EXDEV))
}

func TestNotify(t *testing.T) { runChild(t, "notify", FlagWaitKillableRecv) }

func childNotify() error {
	type filtered struct {
		listener int
		err      error
	}
	loaded, called := make(chan filtered), make(chan error)
	go func() {
		listener, err := start(&Profile{DefaultAction: ActAllow, Flags: []Flag{FlagWaitKillableRecv},
			Syscalls: []Syscall{{Names: []string{"sync"}, Action: ActNotify}}})
		loaded <- filtered{listener, err}
		called <- want("sync", syscall.SYS_SYNC, 0, syscall.EXDEV)
		select {} // the filtered thread starts no others
	}()
	one := <-loaded
	if one.err != nil || one.listener < 3 {
		return fmt.Errorf("%d, %v", one.listener, one.err)
	}
	var request struct {
		id         uint64
		pid, flags uint32
		data       [64]byte
	}
	const receive, send = 0xc0502100, 0xc0182101
	if _, _, errno := syscall.Syscall(syscall.SYS_IOCTL, uintptr(one.listener), receive, uintptr(unsafe.Pointer(&request))); errno != 0 {
		return fmt.Errorf("receive: %w", errno)
	}
	m, _ := machineOf(Native())
	if number := byteOrder(m.big).Uint32(request.data[:]); number != uint32(syscall.SYS_SYNC) {
		return fmt.Errorf("call %d", number)
	}
	response := struct {
		id    uint64
		value int64
		errno int32
		flags uint32
	}{id: request.id, errno: -int32(syscall.EXDEV)}
	if _, _, errno := syscall.Syscall(syscall.SYS_IOCTL, uintptr(one.listener), send, uintptr(unsafe.Pointer(&response))); errno != 0 {
		return fmt.Errorf("send: %w", errno)
	}
	return <-called
}

func TestTsync(t *testing.T) { runChild(t, "tsync", FlagTsync) }

func childTsync() error {
	ready, result := make(chan bool), make(chan error)
	go func() {
		runtime.LockOSThread()
		<-ready
		result <- want("sync", syscall.SYS_SYNC, 0, syscall.EPERM)
	}()
	if _, err := start(&Profile{DefaultAction: ActAllow, Flags: []Flag{FlagTsync},
		Syscalls: []Syscall{{Names: []string{"sync"}, Action: ActErrno}}}); err != nil {
		return err
	}
	ready <- true
	return <-result
}

// TestDocker loads Docker's default profile, as it is for a container without capabilities.
func TestDocker(t *testing.T) {
	if _, err := engineProfiles("docker"); err != nil {
		t.Skip("not fetched (tests/go/seccomp-profiles): ", err)
	}
	runChild(t, "docker")
}

func childDocker() error {
	list, err := engineProfiles("docker")
	if err != nil {
		return err
	}
	m, _ := machineOf(Native())
	for i := range list {
		if of, _ := machineOf(list[i].Machine); of != m {
			continue
		}
		if _, err := start(&list[i].Profile); err != nil {
			return err
		}
		clone3, _ := m.number("clone3")
		return first(
			want("getppid", syscall.SYS_GETPPID, 0, 0),
			want("unshare", syscall.SYS_UNSHARE, syscall.CLONE_NEWUTS, syscall.EPERM),
			want("setdomainname", syscall.SYS_SETDOMAINNAME, 0, syscall.EPERM),
			want("personality", syscall.SYS_PERSONALITY, 0xffffffff, 0),
			want("personality", syscall.SYS_PERSONALITY, 0x1234, syscall.EPERM),
			want("clone3", uintptr(clone3), 0, syscall.ENOSYS),
			want("a call of the future", 5000, 0, syscall.ENOSYS))
	}
	return fmt.Errorf("no profile for %s", Native())
}

func TestForeign(t *testing.T) {
	foreign := ArchS390X
	if Native() == foreign {
		foreign = ArchPPC64LE
	}
	filter, err := Compile(&Profile{DefaultAction: ActAllow}, foreign)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := filter.Load(); !errors.Is(err, ErrNative) {
		t.Error(err)
	}
}

func TestSupported(t *testing.T) {
	if err := Flag("SECCOMP_FILTER_FLAG_NONE").Supported(); err == nil || !strings.Contains(err.Error(), "SECCOMP_FILTER_FLAG_NONE") {
		t.Error(err)
	}
}
