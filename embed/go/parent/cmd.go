//go:build linux

// Package parent starts programs that have nsexec-stub in front (package nsenter) as the inits of
// containers. It tells the stub which namespaces to create and to join, and becomes the init's
// parent. Its interface is like that of package os/exec. docs/protocol.md describes the protocol;
// this is dialect runc-1.2.
package parent

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Cmd is a container's init that is prepared or running. Like exec.Cmd it cannot be used twice.
type Cmd struct {
	// As in exec.Cmd. They apply to the init, which inherits them through the stub's stages.
	Path        string
	Args        []string
	Env         []string
	Dir         string
	Stdin       io.Reader
	Stdout      io.Writer
	Stderr      io.Writer
	ExtraFiles  []*os.File
	SysProcAttr *syscall.SysProcAttr // of stage 0; do not use Pdeathsig, which the other stages do not inherit

	// Message tells the stub what to do.
	Message *Message

	// Sealed is the program, opened by Seal. It is executed in place of the file at Path, which is then only
	// a name, by /proc/self/fd; so not together with SysProcAttr.Chroot. If it is nil, the stub seals the file
	// at Path at each start.
	Sealed *os.File

	// Log is called for each record that the stub, or the program after it, writes to the log pipe,
	// until Wait returns. If it is nil, the stub only logs why it fails, and Start returns that as its
	// error.
	Log func(Record)

	// Unchecked starts programs in which CheckStub finds no stub, such as programs with another
	// implementation of the protocol. A program without any implementation then runs on the host.
	Unchecked bool

	// WaitDelay limits how long Wait waits after the init has ended for other processes to close its
	// output. 0: no limit.
	WaitDelay time.Duration

	// Process is the init. Start sets it. Pid, Kill and Signal are those of os.Process. Call Cmd.Wait
	// and not Process.Wait.
	Process *os.Process
	// ProcessState is the state of the init after it has ended. Wait sets it.
	ProcessState *os.ProcessState
	// Pipe is the init pipe. Start sets it and Wait closes it. What is written to it, the program
	// reads from the fd in _LIBCONTAINER_INITPIPE, and the other way round.
	Pipe *os.File
	// Pidfd refers to the init (pidfd_open(2)). Start sets it and Wait closes it. It is nil before
	// Linux 5.3.
	Pidfd *os.File

	ctx             context.Context
	lookErr         error
	started, waited bool
	parentFiles     []io.Closer // closed by Wait, and by Start if it fails
	childFiles      []io.Closer // closed when the child has its copies
	copies          []func() error
	copyErrors      chan error
	outputs         sync.WaitGroup // the goroutines that copy Stdout and Stderr
	outputReaders   []*os.File
	logs            chan struct{} // closed after the last record
	logReader       *os.File
	fatal           *Error // written before logs is closed
	ended           chan struct{}
	watched         chan error // result of the goroutine that watches the context; nil without one
}

// Command returns a Cmd for a program with the stub in front. Its Message is empty, not nil.
func Command(name string, arg ...string) *Cmd {
	resolved := exec.Command(name, arg...)
	return &Cmd{Path: resolved.Path, Args: resolved.Args, lookErr: resolved.Err, Message: &Message{}}
}

// CommandContext is like Command, with a context. When the context is done, the init is killed, or,
// if Start has not returned yet, the stages are killed.
func CommandContext(ctx context.Context, name string, arg ...string) *Cmd {
	if ctx == nil {
		panic("nil Context")
	}
	cmd := Command(name, arg...)
	cmd.ctx = ctx
	return cmd
}

// String returns the program and its arguments.
func (c *Cmd) String() string {
	if len(c.Args) == 0 {
		return c.Path
	}
	return strings.Join(append([]string{c.Path}, c.Args[1:]...), " ")
}

// Run starts the container and waits for its init.
func (c *Cmd) Run() error {
	if err := c.Start(); err != nil {
		return err
	}
	return c.Wait()
}

// Output runs the container and returns what its init wrote to standard output.
func (c *Cmd) Output() ([]byte, error) {
	if c.Stdout != nil {
		return nil, errors.New("nsenter/parent: Stdout already set")
	}
	var out bytes.Buffer
	c.Stdout = &out
	err := c.Run()
	return out.Bytes(), err
}

// CombinedOutput runs the container and returns what its init wrote to standard output and error.
func (c *Cmd) CombinedOutput() ([]byte, error) {
	if c.Stdout != nil || c.Stderr != nil {
		return nil, errors.New("nsenter/parent: Stdout or Stderr already set")
	}
	var out bytes.Buffer
	c.Stdout, c.Stderr = &out, &out
	err := c.Run()
	return out.Bytes(), err
}

// StdinPipe returns a pipe to the init's standard input. Wait closes it. Close it earlier to let
// the init read the end of its input.
func (c *Cmd) StdinPipe() (io.WriteCloser, error) {
	if c.Stdin != nil || c.started {
		return nil, errors.New("nsenter/parent: StdinPipe: Stdin already set, or Cmd already started")
	}
	reader, writer, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	c.Stdin = reader
	c.childFiles = append(c.childFiles, reader)
	pipe := &onceCloser{File: writer}
	c.parentFiles = append(c.parentFiles, pipe)
	return pipe, nil
}

// onceCloser can be closed by the caller and by Wait.
type onceCloser struct {
	*os.File
	once sync.Once
	err  error
}

func (o *onceCloser) Close() error {
	o.once.Do(func() { o.err = o.File.Close() })
	return o.err
}

// StdoutPipe returns a pipe from the init's standard output. Wait closes it, so read to the end
// first.
func (c *Cmd) StdoutPipe() (io.ReadCloser, error) { return c.outputPipe("Stdout", &c.Stdout) }

// StderrPipe returns a pipe from the init's standard error, as StdoutPipe does.
func (c *Cmd) StderrPipe() (io.ReadCloser, error) { return c.outputPipe("Stderr", &c.Stderr) }

func (c *Cmd) outputPipe(name string, stream *io.Writer) (io.ReadCloser, error) {
	if *stream != nil || c.started {
		return nil, fmt.Errorf("nsenter/parent: %sPipe: %s already set, or Cmd already started", name, name)
	}
	reader, writer, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	*stream = writer
	c.childFiles = append(c.childFiles, writer)
	c.parentFiles = append(c.parentFiles, reader)
	return reader, nil
}

func (c *Cmd) input() (*os.File, error) {
	if c.Stdin == nil {
		return c.openNull(os.O_RDONLY)
	}
	if file, ok := c.Stdin.(*os.File); ok {
		return file, nil
	}
	reader, writer, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	c.childFiles = append(c.childFiles, reader)
	c.parentFiles = append(c.parentFiles, writer)
	from := c.Stdin
	c.copies = append(c.copies, func() error {
		_, err := io.Copy(writer, from)
		if closed := writer.Close(); err == nil {
			err = closed
		}
		if errors.Is(err, syscall.EPIPE) || errors.Is(err, os.ErrClosed) {
			err = nil // the init need not read all of its input
		}
		return err
	})
	return reader, nil
}

func (c *Cmd) output(to io.Writer) (*os.File, error) {
	if to == nil {
		return c.openNull(os.O_WRONLY)
	}
	if file, ok := to.(*os.File); ok {
		return file, nil
	}
	reader, writer, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	c.childFiles = append(c.childFiles, writer)
	c.parentFiles = append(c.parentFiles, reader)
	c.outputs.Add(1)
	c.outputReaders = append(c.outputReaders, reader)
	c.copies = append(c.copies, func() error {
		defer c.outputs.Done()
		_, err := io.Copy(to, drained{reader})
		reader.Close()
		return err
	})
	return writer, nil
}

func (c *Cmd) openNull(flag int) (*os.File, error) {
	file, err := os.OpenFile(os.DevNull, flag, 0)
	if err == nil {
		c.childFiles = append(c.childFiles, file)
	}
	return file, err
}

// sameWriter reports whether two writers are equal. Types that cannot be compared are not.
func sameWriter(a, b io.Writer) bool {
	defer func() { recover() }()
	return a == b
}

func closeAll(files *[]io.Closer) {
	for _, file := range *files {
		file.Close()
	}
	*files = nil
}

// environment returns the command's environment, without the variables of a parent of this process,
// and with the variables for the stub. As in exec.Cmd, a name's last value counts, and PWD is set to Dir
// unless Env is given. The stub and libc's getenv would take the first value.
func (c *Cmd) environment(initPipe, logPipe int) []string {
	inherited := c.Env
	if inherited == nil {
		inherited = os.Environ()
		if c.Dir != "" {
			if absolute, err := filepath.Abs(c.Dir); err == nil {
				inherited = append(inherited, "PWD="+absolute)
			}
		}
	}
	taken := map[string]bool{"_LIBCONTAINER_INITPIPE": true, "_LIBCONTAINER_LOGPIPE": true,
		"_LIBCONTAINER_LOGLEVEL": true, "_LIBCONTAINER_CLONED_BINARY": true, "_LIBCONTAINER_MOUNT_FDS": true}
	environment := make([]string, 0, len(inherited)+3)
	for i := len(inherited) - 1; i >= 0; i-- {
		name := inherited[i]
		if equals := strings.IndexByte(name, '='); equals >= 0 {
			name = name[:equals]
		}
		if !taken[name] {
			taken[name] = true
			environment = append(environment, inherited[i])
		}
	}
	for i, j := 0, len(environment)-1; i < j; i, j = i+1, j-1 {
		environment[i], environment[j] = environment[j], environment[i]
	}
	if c.Sealed != nil {
		// Where the kernel cannot prove the seal (before Linux 6.17), the stub believes this.
		environment = append(environment, "_LIBCONTAINER_CLONED_BINARY=1")
	}
	const fatalOnly, debug = 1, 5
	level := fatalOnly
	if c.Log != nil {
		level = debug
	}
	return append(environment, fmt.Sprintf("_LIBCONTAINER_INITPIPE=%d", initPipe),
		fmt.Sprintf("_LIBCONTAINER_LOGPIPE=%d", logPipe), fmt.Sprintf("_LIBCONTAINER_LOGLEVEL=%d", level))
}

// Start starts the container. It returns when the stub has handed the init over to the program. If
// that fails, it returns an Error of one of the stages, an error that wraps ErrNoStub,
// ErrNoMessage, the context's error, or the error of os.StartProcess. After an error no process is
// left.
func (c *Cmd) Start() (err error) {
	if c.started {
		return errors.New("nsenter/parent: already started")
	}
	c.started = true
	defer func() {
		closeAll(&c.childFiles)
		if err != nil {
			closeAll(&c.parentFiles)
		}
	}()
	if c.Path == "" && c.lookErr == nil {
		return errors.New("nsenter/parent: no command")
	}
	if c.lookErr != nil {
		return c.lookErr
	}
	if c.Sealed != nil && c.SysProcAttr != nil && c.SysProcAttr.Chroot != "" {
		return errors.New("nsenter/parent: Sealed and SysProcAttr.Chroot: the /proc of another root would be used")
	}
	message, err := c.Message.Encode()
	if err != nil {
		return err
	}
	if c.ctx != nil && c.ctx.Err() != nil {
		return c.ctx.Err()
	}
	if !c.Unchecked {
		path := c.Path
		if c.Sealed != nil {
			path = fdPath(c.Sealed)
		} else if c.Dir != "" && !strings.HasPrefix(path, "/") {
			path = c.Dir + "/" + path
		}
		if err := CheckStub(path); err != nil {
			return err
		}
	}
	return c.start(message)
}

func (c *Cmd) start(message []byte) error {
	stdin, err := c.input()
	if err != nil {
		return err
	}
	stdout, err := c.output(c.Stdout)
	if err != nil {
		return err
	}
	stderr := stdout
	if c.Stderr == nil || !sameWriter(c.Stdout, c.Stderr) {
		if stderr, err = c.output(c.Stderr); err != nil {
			return err
		}
	}
	// SOCK_NONBLOCK makes reads obey deadlines and Close. It applies to one end only, so the program's
	// end still blocks.
	ends, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return os.NewSyscallError("socketpair", err)
	}
	syscall.SetNonblock(ends[0], true)
	c.Pipe = os.NewFile(uintptr(ends[0]), "init pipe")
	theirs := os.NewFile(uintptr(ends[1]), "the init's end of the init pipe")
	c.parentFiles = append(c.parentFiles, c.Pipe)
	c.childFiles = append(c.childFiles, theirs)
	logReader, logWriter, err := os.Pipe()
	if err != nil {
		return err
	}
	c.logReader = logReader
	c.parentFiles = append(c.parentFiles, logReader)
	c.childFiles = append(c.childFiles, logWriter)

	files := append([]*os.File{stdin, stdout, stderr}, c.ExtraFiles...)
	attributes := &os.ProcAttr{Dir: c.Dir, Sys: c.SysProcAttr, Files: append(files, theirs, logWriter),
		Env: c.environment(len(files), len(files)+1)}
	arguments := c.Args
	if len(arguments) == 0 {
		arguments = []string{c.Path}
	}

	path := c.Path
	if c.Sealed != nil {
		sealed, err := sealedAbove(c.Sealed, attributes.Files)
		if err != nil {
			return err
		}
		c.childFiles = append(c.childFiles, sealed)
		path = fdPath(sealed)
	}

	// No other goroutine runs on this thread until it is unlocked, so its new children are the stages.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	thread := syscall.Gettid()
	before := children(thread)
	stage0, err := os.StartProcess(path, arguments, attributes)
	if err != nil {
		return err
	}
	closeAll(&c.childFiles)
	c.startGoroutines()
	started := &stages{thread: thread, before: before, stage0: stage0}
	started.known = children(thread)[stage0.Pid] // otherwise /proc is that of another pid namespace
	if err := c.awaitInit(started, message); err != nil {
		c.abandon(started)
		return c.explain(err)
	}
	c.watch()
	return nil
}

// startGoroutines starts the goroutines that copy the streams and read the log.
func (c *Cmd) startGoroutines() {
	c.copyErrors = make(chan error, len(c.copies))
	for _, one := range c.copies {
		go func(one func() error) { c.copyErrors <- one() }(one)
	}
	c.logs = make(chan struct{})
	go func() {
		defer close(c.logs)
		readRecords(drained{c.logReader}, func(record Record) {
			if record.Level == "fatal" && c.fatal == nil {
				c.fatal = parseFatal(record.Msg)
			}
			if c.Log != nil {
				c.Log(record)
			}
		})
	}()
}

// stages are the processes that Start must reap.
type stages struct {
	thread int
	before map[int]bool
	stage0 *os.Process
	known  bool // children(thread) can be trusted
	pids   pidLine
}

type pidLine struct {
	Stage1 int `json:"stage1_pid"`
	Stage2 int `json:"stage2_pid"`
}

// errNoPids means that stage 0 ended with success but has created no container.
var errNoPids = errors.New("the program ended without sending a message to its parent")

// awaitInit sends the message to stage 0 and waits until stage 0 ends.
func (c *Cmd) awaitInit(s *stages, message []byte) error {
	done := make(chan struct{})
	var helpers sync.WaitGroup
	var writeErr error
	helpers.Add(2)
	go func() { // if the program does not read, this waits until it ends
		defer helpers.Done()
		_, writeErr = c.Pipe.Write(message)
	}()
	go func() {
		defer helpers.Done()
		s.pids = readPids(drained{c.Pipe})
	}()
	if c.ctx != nil {
		go func() {
			select {
			case <-c.ctx.Done():
				s.stage0.Kill() // the other stages end with it
			case <-done:
			}
		}()
	}
	state, err := s.stage0.Wait()
	close(done)
	// By now the pipe has all that the stages have sent. The deadline ends the helpers if the pipe has
	// nothing, but processes of a program without the stub keep it open.
	c.Pipe.SetDeadline(time.Now().Add(time.Second))
	helpers.Wait()
	c.Pipe.SetDeadline(time.Time{})
	switch {
	case err != nil:
		return err
	case !state.Success():
		return &exec.ExitError{ProcessState: state}
	case s.pids.Stage2 <= 0:
		return errNoPids
	case writeErr != nil:
		return writeErr
	}
	if s.pids.Stage1 > 0 {
		reap(s.pids.Stage1)
	}
	c.Process, err = os.FindProcess(s.pids.Stage2)
	c.Pidfd = openPidfd(s.pids.Stage2)
	if c.Pidfd != nil {
		c.parentFiles = append(c.parentFiles, c.Pidfd)
	}
	return err
}

// abandon kills and reaps the processes of a failed start. The stages end by themselves, but the
// init, if there already is one, does not.
func (c *Cmd) abandon(s *stages) {
	left := map[int]bool{s.pids.Stage1: true, s.pids.Stage2: true}
	if s.known {
		for pid := range children(s.thread) {
			left[pid] = !s.before[pid]
		}
	}
	for pid, ours := range left {
		if ours && pid > 0 && isChild(pid) {
			syscall.Kill(pid, syscall.SIGKILL)
			reap(pid)
		}
	}
	c.Process = nil
	c.finishLog()
	// The copy of Stdin is not waited for, because it may block on the caller's reader.
	for _, reader := range c.outputReaders {
		reader.SetReadDeadline(time.Now().Add(grace))
	}
	c.outputs.Wait()
	closeAll(&c.parentFiles)
}

// grace is how long other processes may keep a pipe open after the init has ended.
const grace = 100 * time.Millisecond

// drained is a pipe or socket that ends at its deadline, after all data that had arrived by then
// has been read. The file's own Read fails at once after the deadline.
type drained struct{ file *os.File }

func (d drained) Read(buffer []byte) (int, error) {
	size, err := d.file.Read(buffer)
	if !errors.Is(err, os.ErrDeadlineExceeded) {
		return size, err
	}
	raw, err := d.file.SyscallConn()
	if err != nil {
		return 0, err
	}
	ended := raw.Control(func(fd uintptr) { size, err = syscall.Read(int(fd), buffer) })
	if ended != nil || err != nil || size <= 0 {
		return 0, io.EOF
	}
	return size, nil
}

// finishLog waits for the last record, but not long, because other processes may keep the pipe
// open.
func (c *Cmd) finishLog() {
	c.logReader.SetReadDeadline(time.Now().Add(grace))
	<-c.logs
}

// explain returns the best reason for a failed start. Call it after finishLog, because the fatal
// record tells more than err.
func (c *Cmd) explain(err error) error {
	switch {
	case c.ctx != nil && c.ctx.Err() != nil:
		return c.ctx.Err()
	case c.fatal != nil:
		return c.fatal
	case err == errNoPids:
		return fmt.Errorf("nsenter/parent: %s: %w: %v", c.Path, ErrNoStub, err)
	}
	return fmt.Errorf("nsenter/parent: stage 0: %w", err)
}

// readPids reads the pid line byte by byte, because the bytes after it are for the caller. In the
// dialects runc-1.1 and runc-1.0 the ready byte, a NUL, comes before it.
func readPids(pipe io.Reader) pidLine {
	var line []byte
	one := make([]byte, 1)
	const longest = 256
	for len(line) < longest {
		if n, err := pipe.Read(one); n != 1 || err != nil {
			return pidLine{}
		}
		if one[0] == '\n' {
			break
		}
		if len(line) > 0 || one[0] != 0 {
			line = append(line, one[0])
		}
	}
	var pids pidLine
	if json.Unmarshal(line, &pids) != nil {
		return pidLine{}
	}
	return pids
}

// watch kills the init when the context is done.
func (c *Cmd) watch() {
	c.ended = make(chan struct{})
	if c.ctx == nil {
		return
	}
	c.watched = make(chan error, 1)
	go func() {
		select {
		case <-c.ctx.Done():
			if c.Process.Kill() == nil {
				c.watched <- c.ctx.Err()
				return
			}
		case <-c.ended:
		}
		c.watched <- nil
	}()
}

// Wait waits until the init has ended and its output has been copied. It returns nil for exit
// status 0, an exec.ExitError for any other status, and the context's error if the context has
// killed the init.
func (c *Cmd) Wait() error {
	if c.Process == nil {
		return errors.New("nsenter/parent: not started")
	}
	if c.waited {
		return errors.New("nsenter/parent: Wait was already called")
	}
	c.waited = true
	state, err := c.Process.Wait()
	close(c.ended)
	if c.watched != nil {
		if killed := <-c.watched; killed != nil && err == nil && !state.Success() {
			err = killed
		}
	}
	c.ProcessState = state
	copyErr := c.awaitCopies()
	c.finishLog()
	closeAll(&c.parentFiles)
	switch {
	case err != nil:
		return err
	case !state.Success():
		return &exec.ExitError{ProcessState: state}
	}
	return copyErr
}

func (c *Cmd) awaitCopies() error {
	var expired <-chan time.Time
	if c.WaitDelay > 0 {
		timer := time.NewTimer(c.WaitDelay)
		defer timer.Stop()
		expired = timer.C
	}
	var first error
	for left := len(c.copies); left > 0; {
		select {
		case err := <-c.copyErrors:
			left--
			if first == nil {
				first = err
			}
		case <-expired:
			expired = nil
			first = ErrWaitDelay
			closeAll(&c.parentFiles)
		}
	}
	return first
}
