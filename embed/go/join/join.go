// Package join runs functions of this program in the namespaces of other processes, and reads the id maps
// of user namespaces.
//
// A Go program has threads from its start, and the kernel lets no process with threads join a user
// or mount namespace. So Do executes this program again, with the stub of package nsenter in front.
// The stub joins the namespaces. Then Main runs the function there and ends the process.
//
//	var hostname = join.Define("hostname", func(struct{}) (string, error) { return os.Hostname() })
//
//	func main() {
//		join.Main()
//		name, err := hostname.Do(ctx, struct{}{}, join.Of(pid, "uts")...)
//
// The program must have the stub in front. Otherwise, and on systems and machines without a stub,
// Do returns an error that wraps parent.ErrNoStub.
package join

import (
	"encoding/json"
	"errors"
	"fmt"
	"syscall"
)

var (
	// ErrNoMain is returned by Do if this program has not called Main. The other process would not
	// call it either, and would run the program's main function in the namespaces.
	ErrNoMain = errors.New("nsenter/join: main does not call join.Main first")
	// ErrNoNamespace is returned by Do if it gets no namespace to join.
	ErrNoNamespace = errors.New("nsenter/join: no namespace to join")
)

// FunctionError is an error that a function returned in the other process, or its panic.
type FunctionError struct {
	Function string
	Message  string
	Errno    syscall.Errno // the errno that the function's error wraps, or 0
}

func (e *FunctionError) Error() string {
	return fmt.Sprintf("nsenter/join: %s: %s", e.Function, e.Message)
}

// Unwrap returns Errno, or nil if it is 0.
func (e *FunctionError) Unwrap() error {
	if e.Errno == 0 {
		return nil
	}
	return e.Errno
}

// IDMap is one line of a user namespace's id map. It maps Count ids, from Inside on, to the ids
// from Outside on in this process's user namespace.
type IDMap struct {
	Inside, Outside, Count uint32
}

// Function is a function that can run in the namespaces of other processes.
type Function[In, Out any] struct{ name string }

var (
	functions  = map[string]func(json.RawMessage) (json.RawMessage, error){}
	mainCalled bool
)

// Define gives a function a name. Call it while package variables are initialised or in an init
// function, because the function must be defined when Main is called. It panics if the name is
// already used. Arguments and results are passed as JSON.
func Define[In, Out any](name string, function func(In) (Out, error)) *Function[In, Out] {
	if _, taken := functions[name]; taken {
		panic("nsenter/join: the function " + name + " is defined twice")
	}
	functions[name] = func(input json.RawMessage) (json.RawMessage, error) {
		var in In
		if err := json.Unmarshal(input, &in); err != nil {
			return nil, err
		}
		out, err := function(in)
		if err != nil {
			return nil, err
		}
		return json.Marshal(out)
	}
	return &Function[In, Out]{name}
}

type request struct {
	Function string          `json:"function"`
	Input    json.RawMessage `json:"input"`
}

type response struct {
	Output  json.RawMessage `json:"output,omitempty"`
	Failed  bool            `json:"failed,omitempty"`
	Message string          `json:"message,omitempty"`
	Errno   syscall.Errno   `json:"errno,omitempty"`
}

// Of returns the namespaces of a process, for Do: Of(123, "net", "mnt"). The types are those of
// /proc/PID/ns: cgroup, ipc, mnt, net, pid, time, user, uts.
func Of(pid int, types ...string) []string {
	var namespaces []string
	for _, one := range types {
		namespaces = append(namespaces, fmt.Sprintf("%s:/proc/%d/ns/%s", one, pid, one))
	}
	return namespaces
}
