//go:build linux

package join_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/nsexec-stub/nsexec-stub/embed/go/join"
	"github.com/nsexec-stub/nsexec-stub/embed/go/nsenter"
	"github.com/nsexec-stub/nsexec-stub/embed/go/parent"
)

var (
	hostname  = join.Define("hostname", func(struct{}) (string, error) { return os.Hostname() })
	namespace = join.Define("namespace", func(kind string) (string, error) { return os.Readlink("/proc/self/ns/" + kind) })
	ids       = join.Define("ids", func(struct{}) ([]int, error) {
		return []int{os.Getpid(), os.Getppid(), os.Getuid(), os.Getgid()}, nil
	})
	list = join.Define("list", func(directory string) (names []string, err error) {
		entries, err := os.ReadDir(directory)
		for _, one := range entries {
			names = append(names, one.Name())
		}
		return names, err
	})
	panics = join.Define("panics", func(int) (int, error) { panic("as asked") })
	fails  = join.Define("fails", func(int) (int, error) { return 0, errors.New("in words") })
	exits  = join.Define("exits", func(status int) (int, error) { os.Exit(status); return 0, nil })
	sleeps = join.Define("sleeps", func(struct{}) (int, error) { time.Sleep(time.Minute); return 0, nil })
	twice  = join.Define("twice", func(text string) (string, error) { return text + text, nil })
	wants  = join.Define("variables", func(struct{}) ([]string, error) { return os.Environ(), nil })
)

const forgetMain = "JOIN_TEST_FORGETS_MAIN"

func TestMain(m *testing.M) {
	if os.Getenv(forgetMain) != "" {
		_, err := hostname.Do(context.Background(), struct{}{}, "uts:/proc/self/ns/uts")
		fmt.Println(err == join.ErrNoMain)
		uids, _, err := join.IDMaps(os.Getenv(forgetMain))
		fmt.Println(len(uids) > 0, err)
		os.Exit(0)
	}
	join.Main()
	if nsenter.IsInit() { // a container of these tests
		syscall.Sethostname([]byte("inside"))
		syscall.Mount("tmpfs", "/mnt", "tmpfs", 0, "")
		os.WriteFile("/mnt/only-inside", nil, 0o644)
		fmt.Println("ready")
		time.Sleep(time.Minute)
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// container starts a container with namespaces of its own, and returns its init's pid.
func container(t *testing.T, maps []parent.IDMap) int {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("joining takes root")
	}
	cmd := parent.Command("/proc/self/exe")
	cmd.Message.CloneFlags = syscall.CLONE_NEWPID | syscall.CLONE_NEWUTS | syscall.CLONE_NEWNS | syscall.CLONE_NEWNET
	if maps != nil {
		cmd.Message.CloneFlags |= syscall.CLONE_NEWUSER
		cmd.Message.UIDMap, cmd.Message.GIDMap = maps, maps
	} else {
		// The mount that the init makes must not appear outside.
		if mounts, _ := os.ReadFile("/proc/self/mountinfo"); strings.Contains(string(mounts), " / / rw shared:") ||
			strings.Contains(string(mounts), " / / rw,relatime shared:") {
			t.Skip("mounts here are shared: run this in a mount namespace")
		}
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	if text := make([]byte, 6); true {
		if _, err := out.Read(text); err != nil || string(text) != "ready\n" {
			t.Fatalf("%q, %v", text, err)
		}
	}
	return cmd.Process.Pid
}

var rootMap = []parent.IDMap{{Inside: 0, Outside: 100000, Count: 1000}}

var background = context.Background()

func TestRunsAFunctionInAnotherHostNameAndNetworkNamespace(t *testing.T) {
	pid := container(t, nil)
	name, err := hostname.Do(background, struct{}{}, join.Of(pid, "uts")...)
	if err != nil || name != "inside" {
		t.Errorf("%q, %v", name, err)
	}
	for _, kind := range []string{"net", "uts", "mnt"} {
		got, err := namespace.Do(background, kind, join.Of(pid, "uts", "net")...)
		theirs, _ := os.Readlink(fmt.Sprintf("/proc/%d/ns/%s", pid, kind))
		ours, _ := os.Readlink("/proc/self/ns/" + kind)
		if kind == "mnt" {
			theirs = ours
		}
		if err != nil || got != theirs {
			t.Errorf("%s: %q, not %q: %v", kind, got, theirs, err)
		}
	}
	if name, _ := os.Hostname(); name == "inside" {
		t.Error("this process has joined too")
	}
}

func TestRunsAFunctionInAnotherMountNamespace(t *testing.T) {
	names, err := list.Do(background, "/mnt", join.Of(container(t, nil), "mnt")...)
	if err != nil || !reflect.DeepEqual(names, []string{"only-inside"}) {
		t.Error(names, err)
	}
}

func TestRunsAFunctionInAnotherPidNamespace(t *testing.T) {
	got, err := ids.Do(background, struct{}{}, join.Of(container(t, nil), "pid")...)
	if err != nil || len(got) != 4 || got[0] < 2 || got[0] > 100 || got[1] != 0 {
		t.Error(got, err)
	}
}

func TestRunsAFunctionInAnotherUserNamespace(t *testing.T) {
	pid := container(t, rootMap)
	got, err := ids.Do(background, struct{}{}, join.Of(pid, "user", "mnt", "net")...)
	if err != nil || len(got) != 4 || got[2] != 0 || got[3] != 0 {
		t.Error(got, err)
	}
	kind, err := namespace.Do(background, "user", join.Of(pid, "user")...)
	if theirs, _ := os.Readlink(fmt.Sprintf("/proc/%d/ns/user", pid)); err != nil || kind != theirs {
		t.Error(kind, err)
	}
}

func TestFunctionsFail(t *testing.T) {
	pid := container(t, nil)
	_, err := list.Do(background, "/surely/not/there", join.Of(pid, "mnt")...)
	var failure *join.FunctionError
	if !errors.As(err, &failure) || failure.Function != "list" || !errors.Is(err, fs.ErrNotExist) ||
		failure.Errno != syscall.ENOENT {
		t.Errorf("%#v", err)
	}
	if _, err := fails.Do(background, 1, join.Of(pid, "uts")...); !errors.As(err, &failure) || failure.Message != "in words" || failure.Errno != 0 {
		t.Errorf("%#v", err)
	}
	if _, err := panics.Do(background, 1, join.Of(pid, "uts")...); !errors.As(err, &failure) || failure.Message != "panic: as asked" {
		t.Errorf("%#v", err)
	}
	var exit *exec.ExitError
	if _, err := exits.Do(background, 3, join.Of(pid, "uts")...); !errors.As(err, &exit) || exit.ExitCode() != 3 {
		t.Errorf("%#v", err)
	}
	if _, err := exits.Do(background, 0, join.Of(pid, "uts")...); err == nil || !strings.Contains(err.Error(), "ended the process") {
		t.Errorf("%#v", err)
	}
}

func TestDoFails(t *testing.T) {
	if _, err := hostname.Do(background, struct{}{}); err != join.ErrNoNamespace {
		t.Error(err)
	}
	_, err := hostname.Do(background, struct{}{}, "net:/surely/not/there")
	var failure *parent.Error
	if !errors.As(err, &failure) || failure.Call != "open namespace" || !errors.Is(err, syscall.ENOENT) {
		t.Errorf("%#v", err)
	}
	ctx, cancel := context.WithTimeout(background, 300*time.Millisecond)
	defer cancel()
	if _, err := sleeps.Do(ctx, struct{}{}, join.Of(container(t, nil), "uts")...); err != context.DeadlineExceeded {
		t.Error(err)
	}
	defer func() {
		if recover() == nil {
			t.Error("a name is given twice")
		}
	}()
	join.Define("hostname", func(int) (int, error) { return 0, nil })
}

func TestPassesArgumentsOfAnySizeAndBytes(t *testing.T) {
	pid := container(t, nil)
	for _, text := range []string{"", "a\x00\"\\\n\u2028\U0001F600", strings.Repeat("0123456789", 1<<18)} {
		if got, err := twice.Do(background, text, join.Of(pid, "uts")...); err != nil || got != text+text {
			t.Errorf("%d bytes: %d, %v", len(text), len(got), err)
		}
	}
}

func TestFunctionsHaveTheEnvironmentOfTheCaller(t *testing.T) {
	os.Setenv("JOIN_TEST", "here")
	defer os.Unsetenv("JOIN_TEST")
	got, err := wants.Do(background, struct{}{}, join.Of(container(t, nil), "uts")...)
	text := strings.Join(got, "\n")
	if err != nil || !strings.Contains(text, "JOIN_TEST=here") || strings.Contains(text, "_LIBCONTAINER_INITPIPE") ||
		strings.Contains(text, "_NSEXEC_JOIN") {
		t.Error(text, err)
	}
}

func TestManyAtATime(t *testing.T) {
	pid := container(t, nil)
	errs := make(chan error)
	const many = 20
	for i := 0; i < many; i++ {
		go func(i int) {
			got, err := twice.Do(background, fmt.Sprint(i), join.Of(pid, "uts", "net")...)
			if err == nil && got != fmt.Sprint(i, i) && got != fmt.Sprint(i)+fmt.Sprint(i) {
				err = fmt.Errorf("%d: %q", i, got)
			}
			errs <- err
		}(i)
	}
	for i := 0; i < many; i++ {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
}

// asJoin converts from one package's type to the other's.
func asJoin(maps []parent.IDMap) (converted []join.IDMap) {
	for _, one := range maps {
		converted = append(converted, join.IDMap(one))
	}
	return converted
}

func TestReadsTheIDMapsOfAProcess(t *testing.T) {
	maps := []parent.IDMap{{Inside: 0, Outside: 100000, Count: 1000}, {Inside: 2000, Outside: 300000, Count: 5}}
	pid := container(t, maps)
	uids, gids, err := join.IDMaps(fmt.Sprintf("/proc/%d/ns/user", pid))
	if err != nil || !reflect.DeepEqual(uids, asJoin(maps)) || !reflect.DeepEqual(gids, asJoin(maps)) {
		t.Error(uids, gids, err)
	}
	if uids, _, err := join.IDMaps("/proc/self/ns/user"); err != nil || len(uids) == 0 {
		t.Error(uids, err)
	}
	if _, _, err := join.IDMaps("/proc/999999999/ns/user"); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
}

func boundNamespace(t *testing.T, pid int) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "user")
	if err := os.WriteFile(path, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount(fmt.Sprintf("/proc/%d/ns/user", pid), path, "", syscall.MS_BIND, ""); err != nil {
		t.Skip("cannot bind a namespace: ", err)
	}
	t.Cleanup(func() { syscall.Unmount(path, syscall.MNT_DETACH) })
	return path
}

// An ordinary user may read root's maps, but not its namespace links.
func TestReadsTheIDMapsOfAProcessOfAnotherUser(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("starting a process of another user takes root")
	}
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = []string{fmt.Sprintf("%s=/proc/%d/ns/user", forgetMain, os.Getpid())}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.HasSuffix(string(out), "true <nil>\n") {
		t.Errorf("%q, %v", out, err)
	}
}

func TestReadsTheIDMapsOfABoundNamespace(t *testing.T) {
	path := boundNamespace(t, container(t, rootMap))
	uids, gids, err := join.IDMaps(path)
	if err != nil || !reflect.DeepEqual(uids, asJoin(rootMap)) || !reflect.DeepEqual(gids, asJoin(rootMap)) {
		t.Error(uids, gids, err)
	}
	var failure *parent.Error
	if _, _, err := join.IDMaps("/dev/null"); !errors.As(err, &failure) || failure.Errno != syscall.EINVAL {
		t.Error(err)
	}
}

func TestAProgramThatForgetsMainDoesNotRunInTheNamespaces(t *testing.T) {
	path := boundNamespace(t, container(t, rootMap))
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = append(os.Environ(), forgetMain+"="+path)
	out, err := cmd.CombinedOutput()
	if err != nil || string(out) != "true\ntrue <nil>\n" {
		t.Errorf("%q, %v", out, err)
	}
}
