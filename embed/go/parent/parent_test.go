//go:build linux

package parent_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/nsexec-stub/nsexec-stub/embed/go/nsenter"
	"github.com/nsexec-stub/nsexec-stub/embed/go/parent"
)

// The tests start their own program as an init. It has the stub in front.
func TestMain(m *testing.M) {
	if !nsenter.IsInit() {
		if !nsenter.Entered() {
			fmt.Println("build with -ldflags \"-E nsexec_go_start\"")
			os.Exit(1)
		}
		os.Exit(m.Run())
	}
	os.Exit(runInit(os.Args[1:]))
}

func fileFrom(variable string) *os.File {
	var fd uintptr
	fmt.Sscan(os.Getenv(variable), &fd)
	return os.NewFile(fd, variable)
}

// runInit is the program of the inits in these tests.
func runInit(arguments []string) int {
	switch arguments[0] {
	case "pid":
		fmt.Println("pid", os.Getpid())
	case "exit":
		return 7
	case "sleep":
		fmt.Println("sleeping")
		time.Sleep(time.Minute)
	case "cat":
		io.Copy(os.Stdout, os.Stdin)
	case "much":
		os.Stdout.Write(bytes.Repeat([]byte("x"), 1<<20))
		fmt.Fprint(os.Stderr, "stderr")
	case "signal":
		received := make(chan os.Signal, 1)
		signal.Notify(received, syscall.SIGUSR1)
		fmt.Println("ready")
		<-received
		fmt.Println("received")
	case "pipe":
		line, _ := bufio.NewReader(fileFrom("_LIBCONTAINER_INITPIPE")).ReadString('\n')
		fmt.Fprint(fileFrom("_LIBCONTAINER_INITPIPE"), "answer to ", line)
	case "log":
		log := fileFrom("_LIBCONTAINER_LOGPIPE")
		fmt.Fprint(log, "no record \xff\x00\x07\n", `{"level":"info","msg":"a \" and \u0007"}`, "\n",
			strings.Repeat("y", 1<<18), "\nlast, without an end")
	case "environment":
		for _, one := range os.Environ() {
			if strings.HasPrefix(one, "_LIBCONTAINER_") || strings.HasPrefix(one, "OWN") {
				fmt.Println(one)
			}
		}
	case "leave": // a process that keeps the output open
		child := exec.Command("/bin/sleep", "20")
		child.Stdout = os.Stdout
		child.Start()
		fmt.Println(child.Process.Pid)
	case "fds":
		entries, _ := os.ReadDir("/proc/self/fd")
		for _, one := range entries {
			target, _ := os.Readlink("/proc/self/fd/" + one.Name())
			fmt.Println(one.Name(), target)
		}
	}
	return 0
}

func self(arguments ...string) *parent.Cmd {
	cmd := parent.Command("/proc/self/exe", arguments...)
	cmd.Message.CloneFlags = syscall.CLONE_NEWPID | syscall.CLONE_NEWUTS
	return cmd
}

func selfContext(ctx context.Context, arguments ...string) *parent.Cmd {
	cmd := parent.CommandContext(ctx, "/proc/self/exe", arguments...)
	cmd.Message.CloneFlags = syscall.CLONE_NEWPID
	return cmd
}

// children lists this process's children, including zombies.
func children(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	entries, err := os.ReadDir("/proc")
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range entries {
		text, err := os.ReadFile("/proc/" + one.Name() + "/stat")
		if err != nil {
			continue
		}
		behind := text[bytes.LastIndexByte(text, ')')+1:]
		var state string
		var of int
		fmt.Sscan(string(behind), &state, &of)
		if of == os.Getpid() {
			found[one.Name()] = string(text[:bytes.LastIndexByte(text, ')')+1]) + " " + state
		}
	}
	return found
}

func expectNoNewChildren(t *testing.T, before map[string]string) {
	t.Helper()
	for pid, what := range children(t) {
		if before[pid] == "" {
			t.Errorf("a child is left: %s", what)
		}
	}
}

func TestRunsAnInit(t *testing.T) {
	before := children(t)
	out, err := self("pid").Output()
	if err != nil || string(out) != "pid 1\n" {
		t.Errorf("%q, %v", out, err)
	}
	expectNoNewChildren(t, before)
}

func TestStartReturnsWhileTheInitWritesToABuffer(t *testing.T) {
	var out bytes.Buffer
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	cmd := selfContext(ctx, "sleep")
	cmd.Stdout = &out
	started := make(chan error, 1)
	go func() { started <- cmd.Start() }()
	select {
	case err := <-started:
		if err != nil {
			t.Fatal(err)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("Start blocks until the init ends")
	}
	cancel()
	if err := cmd.Wait(); err != context.Canceled {
		t.Error(err)
	}
}

func TestOutputOfAnySizeArrives(t *testing.T) {
	var out, err2 bytes.Buffer
	cmd := self("much")
	cmd.Stdout, cmd.Stderr = &out, &err2
	if err := cmd.Run(); err != nil || out.Len() != 1<<20 || err2.String() != "stderr" {
		t.Error(err, out.Len(), err2.String())
	}
	both, err := self("much").CombinedOutput()
	if err != nil || len(both) != 1<<20+len("stderr") {
		t.Error(len(both), err)
	}
}

func TestStandardInputIsCopied(t *testing.T) {
	cmd := self("cat")
	cmd.Stdin = strings.NewReader("some text")
	out, err := cmd.Output()
	if err != nil || string(out) != "some text" {
		t.Errorf("%q, %v", out, err)
	}
}

func TestPipesStayOpenUntilWait(t *testing.T) {
	cmd := self("cat")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	fmt.Fprint(in, "through")
	in.Close()
	text, err := io.ReadAll(out)
	if err != nil || string(text) != "through" {
		t.Errorf("%q, %v", text, err)
	}
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
	if _, err := out.Read(make([]byte, 1)); !errors.Is(err, os.ErrClosed) {
		t.Error("Wait has left the pipe open:", err)
	}
}

func TestGivesExitStatusAndState(t *testing.T) {
	cmd := self("exit")
	err := cmd.Run()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 7 || cmd.ProcessState.ExitCode() != 7 {
		t.Error(err, cmd.ProcessState)
	}
}

func TestKillsAndSignals(t *testing.T) {
	cmd := self("sleep")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Error(err)
	}
	cmd.Wait()
	if status := cmd.ProcessState.Sys().(syscall.WaitStatus); status.Signal() != syscall.SIGKILL {
		t.Error(cmd.ProcessState)
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); !errors.Is(err, os.ErrProcessDone) {
		t.Error("a signal to an ended init:", err)
	}

	cmd = self("signal")
	out, _ := cmd.StdoutPipe()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	lines.Scan()
	if err := cmd.Process.Signal(syscall.SIGUSR1); err != nil {
		t.Error(err)
	}
	if lines.Scan(); lines.Text() != "received" {
		t.Error(lines.Text())
	}
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
}

func TestGivesAPidfd(t *testing.T) {
	cmd := self("sleep")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Wait()
	if cmd.Pidfd == nil {
		cmd.Process.Kill()
		t.Skip("this kernel has no pidfds")
	}
	const sysPidfdSendSignal = 424
	_, _, errno := syscall.Syscall6(sysPidfdSendSignal, cmd.Pidfd.Fd(), uintptr(syscall.SIGKILL), 0, 0, 0, 0)
	if errno != 0 {
		cmd.Process.Kill()
		t.Error(errno)
	}
}

func TestContextKillsTheInit(t *testing.T) {
	before := children(t)
	ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
	defer cancel()
	start := time.Now()
	err := selfContext(ctx, "sleep").Run()
	if !errors.Is(err, context.DeadlineExceeded) || time.Since(start) > 20*time.Second {
		t.Error(err, time.Since(start))
	}
	expectNoNewChildren(t, before)
	done, cancel2 := context.WithCancel(context.Background())
	cancel2()
	if err := selfContext(done, "sleep").Start(); err != context.Canceled {
		t.Error("a context that is done before Start:", err)
	}
}

// accessible copies this program to a place where any user may execute it.
func accessible(t *testing.T) string {
	t.Helper()
	directory, err := os.MkdirTemp("", "nsexec-go")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(directory) })
	os.Chmod(directory, 0o755)
	program, err := os.ReadFile("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(directory, "program")
	if err := os.WriteFile(path, program, 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

// A slow mapping tool keeps stages 0 and 1 waiting.
func TestContextEndsTheStagesDuringStart(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root can start stages as another user")
	}
	path := accessible(t)
	tool := filepath.Join(filepath.Dir(path), "newuidmap")
	os.WriteFile(tool, []byte("#!/bin/sh\nexec sleep 3\n"), 0o755)
	before := children(t)
	ctx, cancel := context.WithTimeout(context.Background(), 500*time.Millisecond)
	defer cancel()
	cmd := parent.CommandContext(ctx, path, "pid")
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	cmd.Dir = "/"
	maps := []parent.IDMap{{Inside: 0, Outside: 65534, Count: 1}, {Inside: 1, Outside: 100000, Count: 10}}
	cmd.Message = &parent.Message{CloneFlags: syscall.CLONE_NEWUSER, Rootless: true, UIDMap: maps, GIDMap: maps,
		UIDMapTool: tool, GIDMapTool: tool}
	start := time.Now()
	err := cmd.Start()
	if !errors.Is(err, context.DeadlineExceeded) || time.Since(start) > 2*time.Second {
		t.Error(err, time.Since(start))
	}
	expectNoNewChildren(t, before)
}

func TestContextEndsAProgramWithoutTheStub(t *testing.T) {
	before := children(t)
	ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
	defer cancel()
	cmd := parent.CommandContext(ctx, "/bin/sleep", "60")
	cmd.Unchecked = true
	if err := cmd.Start(); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	expectNoNewChildren(t, before)
}

func TestDoesNotRunAProgramWithoutTheStub(t *testing.T) {
	directory := t.TempDir()
	made := filepath.Join(directory, "made")
	script := filepath.Join(directory, "script")
	os.WriteFile(script, []byte("#!/bin/sh\ntouch "+made+"\n"), 0o755)
	for _, cmd := range []*parent.Cmd{parent.Command("touch", made), parent.Command(script)} {
		err := cmd.Start()
		if !errors.Is(err, parent.ErrNoStub) || !strings.Contains(err.Error(), cmd.Path) {
			t.Error(err)
		}
		if _, err := os.Stat(made); err == nil {
			t.Error(cmd.Path, "has run on the host")
		}
	}
	if err := parent.CheckStub("/proc/self/exe"); err != nil {
		t.Error(err)
	}
}

func TestFindsTheStubOnlyWhereItRuns(t *testing.T) {
	fifo := filepath.Join(t.TempDir(), "fifo")
	if err := syscall.Mkfifo(fifo, 0o755); err != nil {
		t.Fatal(err)
	}
	program, err := exec.LookPath("true")
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(program)
	if err != nil {
		t.Fatal(err)
	}
	// Such as a program that has this project's documentation in it.
	quotes := filepath.Join(t.TempDir(), "quotes")
	text = append(text, "nsexec stub "+"init\x00 nsexec stub "+"here\x00"...)
	if err := os.WriteFile(quotes, text, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{fifo, quotes, program, "/dev/zero"} {
		if err := parent.CheckStub(path); !errors.Is(err, parent.ErrNoStub) {
			t.Error(path, err)
		}
	}
}

func TestSaysWhenAnUncheckedProgramHasNoStub(t *testing.T) {
	cmd := parent.Command("true")
	cmd.Unchecked = true
	if err := cmd.Start(); !errors.Is(err, parent.ErrNoStub) {
		t.Error(err)
	}
	cmd = parent.Command("sh", "-c", "echo why >&2; exit 3")
	cmd.Unchecked = true
	var text bytes.Buffer
	cmd.Stderr = &text
	var exit *exec.ExitError
	if err := cmd.Start(); !errors.As(err, &exit) || exit.ExitCode() != 3 || text.String() != "why\n" {
		t.Error(err, text.String())
	}
}

func TestRefusesWhatCannotBeStarted(t *testing.T) {
	cmd := self("pid")
	cmd.Message = nil
	if err := cmd.Start(); err != parent.ErrNoMessage {
		t.Error("no message:", err)
	}
	if err := parent.Command("surely-not-there").Start(); !errors.Is(err, exec.ErrNotFound) {
		t.Error(err)
	}
	if err := parent.Command("/surely/not/there").Start(); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	if err := (&parent.Cmd{Message: &parent.Message{}}).Start(); err == nil {
		t.Error("a Cmd without a path is started")
	}
	cmd = self("pid")
	if err := cmd.Wait(); err == nil {
		t.Error("Wait before Start")
	}
	if err := cmd.Run(); err != nil {
		t.Error(err)
	}
	if cmd.Start() == nil || cmd.Wait() == nil {
		t.Error("a Cmd is used twice")
	}
}

func TestErrorsTellWhatFailed(t *testing.T) {
	before := children(t)
	for _, one := range []struct {
		message parent.Message
		want    parent.Error
	}{
		{parent.Message{Namespaces: []string{"net:/surely/not: there"}},
			parent.Error{Stage: 1, Call: "open namespace", Object: "net:/surely/not: there", Reason: "ENOENT", Errno: syscall.ENOENT}},
		{parent.Message{Namespaces: []string{"net:/dev/null"}},
			parent.Error{Stage: 1, Call: "setns", Object: "net:/dev/null", Reason: "EINVAL", Errno: syscall.EINVAL}},
		{parent.Message{Namespaces: []string{"user:/proc/self/ns/net"}},
			parent.Error{Stage: 1, Call: "setns", Object: "user:/proc/self/ns/net", Reason: "EINVAL", Errno: syscall.EINVAL}},
		{parent.Message{CloneFlags: syscall.CLONE_VM},
			parent.Error{Stage: -1, Call: "bootstrap message", Object: "clone flags: 256"}},
		{parent.Message{CloneFlags: syscall.CLONE_NEWUSER,
			UIDMap: []parent.IDMap{{Inside: 0, Outside: 0, Count: 10}, {Inside: 5, Outside: 100, Count: 10}}},
			parent.Error{Stage: 0, Call: "write", Reason: "EINVAL", Errno: syscall.EINVAL}},
	} {
		cmd := self("pid")
		message := one.message
		cmd.Message = &message
		err := cmd.Start()
		var failure *parent.Error
		if !errors.As(err, &failure) {
			t.Errorf("%T: %v", err, err)
			continue
		}
		got, want := *failure, one.want
		if want.Object == "" { // it contains a pid
			if !strings.HasPrefix(got.Object, "/proc/") || !strings.HasSuffix(got.Object, "/uid_map") {
				t.Error(got.Object)
			}
			want.Object = got.Object
		}
		if want.Reason == "" {
			want.Reason = got.Reason
		}
		if got.Pid <= 0 {
			t.Error("no pid:", got)
		}
		want.Pid = got.Pid
		if got != want {
			t.Errorf("%+v, not %+v", got, want)
		}
		if want.Errno != 0 && !errors.Is(err, want.Errno) {
			t.Error("errors.Is does not see", want.Errno)
		}
		expectNoNewChildren(t, before)
	}
	cmd := self("pid")
	cmd.Message.Namespaces = []string{"net:/nonexistent"}
	if err := cmd.Start(); !errors.Is(err, fs.ErrNotExist) ||
		!strings.Contains(err.Error(), "stage 1: open namespace net:/nonexistent: ENOENT (no such file") {
		t.Error(err)
	}
}

func TestErrorsOfAnOrdinaryUser(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root can start stages as another user")
	}
	cmd := parent.Command(accessible(t), "pid")
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	cmd.Message.CloneFlags = syscall.CLONE_NEWNET
	err := cmd.Start()
	var failure *parent.Error
	if !errors.Is(err, syscall.EPERM) || !errors.Is(err, fs.ErrPermission) || !errors.As(err, &failure) ||
		failure.Call != "unshare" || failure.Object != "net" {
		t.Errorf("%+v", err)
	}
}

func TestRecordsAreValidWhateverTheBytes(t *testing.T) {
	var records []parent.Record
	cmd := self("log")
	cmd.Log = func(record parent.Record) { records = append(records, record) }
	if err := cmd.Run(); err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for _, one := range records {
		text, err := json.Marshal(one)
		if err != nil || !json.Valid(text) || !utf8.ValidString(one.Msg) {
			t.Errorf("%q: %v", text, err)
		}
		switch {
		case one.Level == "debug" && strings.Contains(one.Msg, "nsexec container setup"):
			found["stub"] = true
		case one.Level == "" && one.Msg == "no record \uFFFD\x00\x07":
			found["odd"] = true
		case one.Level == "info" && one.Msg == "a \" and \a":
			found["program"] = true
		case strings.HasPrefix(one.Msg, "yyy") && len(one.Msg) == 1<<16:
			found["long"] = true
		case one.Msg == "last, without an end":
			found["last"] = true
		}
	}
	if len(found) != 5 {
		t.Error(found, len(records))
	}
	// The stub's own error with unusual bytes.
	cmd = self("pid")
	cmd.Message.Namespaces = []string{"net:/odd\xff\x01\"\\"}
	var failure *parent.Error
	if err := cmd.Start(); !errors.As(err, &failure) || failure.Object != "net:/odd\uFFFD\x01\"\\" {
		t.Errorf("%v", err)
	}
}

func TestTheInitPipeIsForTheProgram(t *testing.T) {
	cmd := self("pipe")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	fmt.Fprintln(cmd.Pipe, "a question")
	answer, err := bufio.NewReader(cmd.Pipe).ReadString('\n')
	if err != nil || answer != "answer to a question\n" {
		t.Errorf("%q, %v", answer, err)
	}
	cmd.Pipe.SetReadDeadline(time.Now())
	if _, err := cmd.Pipe.Read(make([]byte, 1)); err != io.EOF && !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Error("the pipe knows no deadlines:", err)
	}
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
}

// If the parent is an init itself, it has variables of its own parent. The stub would use the first of two
// equal names.
func TestVariablesOfAnOuterParentAreNotPassedOn(t *testing.T) {
	cmd := self("environment")
	cmd.Env = []string{"_LIBCONTAINER_INITPIPE=77", "_LIBCONTAINER_LOGPIPE=78", "_LIBCONTAINER_LOGLEVEL=x",
		"_LIBCONTAINER_CLONED_BINARY=1", "OWN=1", "_LIBCONTAINER_STATEDIR=/var/tmp"}
	out, err := cmd.Output()
	text := "\n" + string(out)
	if err != nil || strings.Contains(text, "PIPE=7") || !strings.Contains(text, "\nOWN=1\n") ||
		!strings.Contains(text, "\n_LIBCONTAINER_STATEDIR=/var/tmp\n") ||
		!strings.Contains(text, "\n_LIBCONTAINER_INITPIPE=3\n") || strings.Count(text, "CLONED_BINARY") > 1 {
		t.Error(text, err)
	}
}

func TestTheInitHasTheFilesItWasGivenAndNoOthers(t *testing.T) {
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	defer writer.Close()
	cmd := self("fds")
	cmd.ExtraFiles = []*os.File{writer}
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	inherited := strings.Join(openFiles(t), "\n") + "\n" // open in this process without close-on-exec
	for _, line := range strings.Split(strings.TrimSuffix(string(out), "\n"), "\n") {
		number, target, _ := strings.Cut(line, " ")
		// Fds of the listing itself and of the Go runtime: its poller, and a pipe with both ends.
		own := target == "" || strings.Contains(target, "/fd") || strings.Contains(target, "anon_inode") ||
			strings.Count(string(out), target) == 2
		if number > "5" && !own && !strings.Contains(inherited, line+"\n") {
			t.Error("an fd more:", line)
		}
	}
	if !strings.Contains(string(out), "\n3 pipe:") || !strings.Contains(string(out), "\n4 socket:") {
		t.Error(string(out))
	}
}

func TestSealsOnceForManyStarts(t *testing.T) {
	sealed, err := parent.Seal("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	defer sealed.Close()
	var mutex sync.Mutex
	var records []string
	var wait sync.WaitGroup
	for i := 0; i < 16; i++ {
		wait.Add(1)
		go func() {
			defer wait.Done()
			cmd := self("fds")
			cmd.Sealed = sealed
			cmd.ExtraFiles = []*os.File{os.Stdin, os.Stdin, os.Stdin}
			cmd.Log = func(record parent.Record) {
				mutex.Lock()
				defer mutex.Unlock()
				records = append(records, record.Msg)
			}
			out, err := cmd.Output()
			if err != nil || strings.Contains(string(out), filepath.Base(os.Args[0])) {
				t.Errorf("%v: the program has a descriptor of its own file:\n%s", err, out)
			}
		}()
	}
	wait.Wait()
	text := strings.Join(records, "\n")
	if strings.Count(text, "sealed: ") != 16 || strings.Contains(text, "sealing: ") {
		t.Error(text)
	}
	if writer, err := os.OpenFile(fmt.Sprintf("/proc/self/fd/%d", sealed.Fd()), os.O_WRONLY, 0); err == nil {
		writer.Close()
		t.Error("it can be written to")
	}
}

func TestSealSaysWhatIsWrong(t *testing.T) {
	if _, err := parent.Seal("/none"); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "seal /none") {
		t.Error(err)
	}
	cmd := parent.Command("/bin/true")
	var err error
	if cmd.Sealed, err = parent.Seal("/bin/true"); err != nil {
		t.Fatal(err)
	}
	defer cmd.Sealed.Close()
	if err := cmd.Start(); !errors.Is(err, parent.ErrNoStub) {
		t.Error("a sealed program without the stub:", err)
	}
}

func TestWaitDelayBoundsWait(t *testing.T) {
	var out bytes.Buffer
	cmd := self("leave")
	cmd.Message.CloneFlags = 0
	cmd.Stdout = &out
	cmd.WaitDelay = 200 * time.Millisecond
	start := time.Now()
	if err := cmd.Run(); err != parent.ErrWaitDelay || time.Since(start) > 10*time.Second {
		t.Error(err, time.Since(start))
	}
	var pid int
	if fmt.Sscan(out.String(), &pid); pid > 0 {
		syscall.Kill(pid, syscall.SIGKILL)
	}
}

func TestManyAtATimeLeaveNothing(t *testing.T) {
	before := children(t)
	open := len(openFiles(t))
	var group sync.WaitGroup
	for i := 0; i < 40; i++ {
		group.Add(1)
		go func(i int) {
			defer group.Done()
			cmd := self("pid")
			if i%2 == 0 {
				cmd.Message.Namespaces = []string{"net:/nonexistent"}
			}
			out, err := cmd.Output()
			if i%2 == 0 && !errors.Is(err, syscall.ENOENT) {
				t.Error(err)
			}
			if i%2 == 1 && (err != nil || string(out) != "pid 1\n") {
				t.Errorf("%q, %v", out, err)
			}
		}(i)
	}
	group.Wait()
	expectNoNewChildren(t, before)
	if now := openFiles(t); len(now) > open {
		t.Errorf("fds: %d before, now %v", open, now)
	}
}

func openFiles(t *testing.T) []string {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, one := range entries {
		target, _ := os.Readlink("/proc/self/fd/" + one.Name())
		found = append(found, one.Name()+" "+target)
	}
	return found
}
