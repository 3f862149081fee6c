package join

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"

	"github.com/nsexec-stub/nsexec-stub/embed/go/nsenter"
	"github.com/nsexec-stub/nsexec-stub/embed/go/parent"
)

// variable tells the program why it was executed again: to run a function, or only to exist.
const (
	variable  = "_NSEXEC_JOIN"
	toRun     = "run"
	toBeThere = "be-there"
)

// Do runs the function in other namespaces and returns its result. Each namespace is "TYPE:PATH"
// ("net:/run/netns/blue"; see Of). In a user namespace it runs as that namespace's root, if there
// is one. What it writes to standard output and error goes to this process's standard error.
//
// The error is a *FunctionError if the function failed, and a *parent.Error if the namespaces could
// not be joined. Otherwise it is ErrNoMain, ErrNoNamespace, parent.ErrNoStub or the context's
// error.
func (f *Function[In, Out]) Do(ctx context.Context, in In, namespaces ...string) (out Out, err error) {
	input, err := json.Marshal(in)
	if err != nil {
		return out, err
	}
	output, err := do(ctx, f.name, input, namespaces)
	if err != nil {
		return out, err
	}
	return out, json.Unmarshal(output, &out)
}

func command(ctx context.Context, purpose string, namespaces []string) (*parent.Cmd, error) {
	if !nsenter.Entered() {
		return nil, fmt.Errorf("nsenter/join: %w", parent.ErrNoStub)
	}
	if len(namespaces) == 0 {
		return nil, ErrNoNamespace
	}
	cmd := parent.CommandContext(ctx, "/proc/self/exe")
	cmd.Args = []string{filepath.Base(os.Args[0]), "nsexec-join"}
	for _, one := range os.Environ() {
		if !strings.HasPrefix(one, variable+"=") {
			cmd.Env = append(cmd.Env, one)
		}
	}
	cmd.Env = append(cmd.Env, variable+"="+purpose)
	cmd.Unchecked = true // this process has the stub, so the same program has it too
	cmd.Message.Namespaces = namespaces
	cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
	return cmd, nil
}

func do(ctx context.Context, name string, input json.RawMessage, namespaces []string) (json.RawMessage, error) {
	if !mainCalled {
		return nil, ErrNoMain
	}
	cmd, err := command(ctx, toRun, namespaces)
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	var answer response
	err = json.NewEncoder(cmd.Pipe).Encode(request{name, input})
	if err == nil {
		err = json.NewDecoder(cmd.Pipe).Decode(&answer)
	}
	if err == io.EOF || errors.Is(err, syscall.ECONNRESET) {
		err = errors.New("the function ended the process")
	}
	if ended := cmd.Wait(); ended != nil {
		err = ended
	}
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil:
		return nil, fmt.Errorf("nsenter/join: %s: %w", name, err)
	case answer.Failed:
		return nil, &FunctionError{Function: name, Message: answer.Message, Errno: answer.Errno}
	}
	return answer.Output, nil
}

// Main must be the first call in main (in tests: in TestMain). In a process that Do has started it
// runs the function and does not return. In any other process it returns at once.
func Main() {
	mainCalled = true
	if purpose() == toRun {
		serve()
	}
}

func init() {
	if purpose() == toBeThere {
		var byte1 [1]byte
		pipe().Read(byte1[:]) // until the parent has read the maps
		os.Exit(0)
	}
}

// purpose returns "" in a process that this package has not started.
func purpose() string {
	if !nsenter.IsInit() {
		return ""
	}
	return os.Getenv(variable)
}

func pipe() *os.File {
	fd, err := strconv.Atoi(os.Getenv("_LIBCONTAINER_INITPIPE"))
	if err != nil {
		panic(err) // the stub has already accepted it
	}
	syscall.CloseOnExec(fd)
	return os.NewFile(uintptr(fd), "init pipe")
}

func serve() {
	pipe := pipe()
	for _, one := range []string{variable, "_LIBCONTAINER_INITPIPE", "_LIBCONTAINER_LOGPIPE",
		"_LIBCONTAINER_LOGLEVEL", "_LIBCONTAINER_CLONED_BINARY"} {
		os.Unsetenv(one)
	}
	var asked request
	if err := json.NewDecoder(pipe).Decode(&asked); err != nil {
		os.Stderr.WriteString("nsenter/join: cannot read the request: " + err.Error() + "\n")
		os.Exit(1)
	}
	if err := json.NewEncoder(pipe).Encode(answer(asked)); err != nil {
		os.Exit(1)
	}
	os.Exit(0)
}

func answer(asked request) (given response) {
	function, defined := functions[asked.Function]
	if !defined {
		return response{Failed: true, Message: "no function has this name when Main is called"}
	}
	defer func() {
		if panicked := recover(); panicked != nil {
			given = response{Failed: true, Message: fmt.Sprint("panic: ", panicked)}
		}
	}()
	output, err := function(asked.Input)
	if err != nil {
		given = response{Failed: true, Message: err.Error()}
		errors.As(err, &given.Errno)
		return given
	}
	return response{Output: output}
}

var processNamespace = regexp.MustCompile(`^/proc/(self|[0-9]+)/ns/user$`)

// IDMaps returns the uid and gid maps of the user namespace at path: /proc/PID/ns/user of a
// process, or a file to which a namespace is bound. The outside ids are those of this process's
// user namespace.
//
// For a process it reads the maps from /proc. For other paths IDMaps executes this program again,
// with the stub in front, in the user namespace. This needs CAP_SYS_ADMIN in that namespace, but
// not a call of Main.
func IDMaps(path string) (uids, gids []IDMap, err error) {
	if parts := processNamespace.FindStringSubmatch(path); parts != nil {
		return processMaps(parts[1], path)
	}
	cmd, err := command(context.Background(), toBeThere, []string{"user:" + path})
	if err != nil {
		return nil, nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, nil, err
	}
	uids, gids, err = readMaps(strconv.Itoa(cmd.Process.Pid))
	cmd.Process.Kill()
	cmd.Wait()
	return uids, gids, err
}

// processMaps makes sure that both maps are of the same namespace: a process can change its
// namespace, and another process can get the same pid. Every process may read the maps, but not
// every process may read which namespace it is (proc(5)). In that case there is no such check.
func processMaps(process, path string) (uids, gids []IDMap, err error) {
	for {
		before, err := namespaceAt(path)
		if err != nil {
			return nil, nil, err
		}
		uids, gids, err = readMaps(process)
		if err != nil {
			return nil, nil, err
		}
		if after, err := namespaceAt(path); err != nil || after == before {
			return uids, gids, err
		}
	}
}

// namespaceAt returns what the link reads, "user:[4026531837]", or "" if this process may not know.
func namespaceAt(path string) (string, error) {
	link, err := os.Readlink(path)
	if errors.Is(err, fs.ErrPermission) {
		return "", nil
	}
	return link, err
}

func readMaps(process string) (uids, gids []IDMap, err error) {
	if uids, err = readMap("/proc/" + process + "/uid_map"); err != nil {
		return nil, nil, err
	}
	gids, err = readMap("/proc/" + process + "/gid_map")
	return uids, gids, err
}

func readMap(path string) ([]IDMap, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var maps []IDMap
	for _, line := range bytes.Split(bytes.TrimSpace(text), []byte("\n")) {
		if len(line) == 0 {
			continue
		}
		var one IDMap
		if _, err := fmt.Sscan(string(line), &one.Inside, &one.Outside, &one.Count); err != nil {
			return nil, fmt.Errorf("%s: %q: %w", path, line, err)
		}
		maps = append(maps, one)
	}
	return maps, nil
}
