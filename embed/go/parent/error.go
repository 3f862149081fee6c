//go:build linux

package parent

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"syscall"
)

var (
	// ErrNoMessage is returned for a Cmd whose Message is nil.
	ErrNoMessage = errors.New("nsenter/parent: Message is nil")
	// ErrNoStub is wrapped by the errors for a program that has no stub in front. Such a program is
	// not started, because it would run on the host, in no namespace of its own.
	ErrNoStub = errors.New("the stub is not in front of this program")
	// ErrWaitDelay is returned by Wait if the init ended with success, but another process did not
	// close its output within WaitDelay.
	ErrWaitDelay = errors.New("nsenter/parent: the init has ended, but another process keeps its output open")
)

// Error is a failure of one of the stub's stages. It has the stage, the call, the call's object and
// the kernel's answer.
//
// It wraps Errno, so errors.Is(err, syscall.EPERM) and errors.Is(err, fs.ErrNotExist) work.
type Error struct {
	Stage  int           // 0, 1 or 2; -1 if there are no stages yet
	Pid    int           // the stage's own pid, in its pid namespace
	Call   string        // "open namespace", "unshare", "setns", "write", "bootstrap message"
	Object string        // "net:/run/netns/a", "/proc/123/uid_map"; may be empty
	Reason string        // the name of the errno, "ENOENT", or a reason in words
	Errno  syscall.Errno // 0: the reason is not an errno
}

func (e *Error) Error() string {
	text := "nsenter/parent: "
	if e.Stage >= 0 {
		text += fmt.Sprintf("stage %d: ", e.Stage)
	}
	text += e.Call
	if e.Object != "" {
		text += " " + e.Object
	}
	text += ": " + e.Reason
	if e.Errno != 0 {
		text += " (" + e.Errno.Error() + ")"
	}
	return text
}

// Unwrap returns Errno, or nil if it is 0.
func (e *Error) Unwrap() error {
	if e.Errno == 0 {
		return nil
	}
	return e.Errno
}

// calls are the beginnings of the stub's fatal records. The object stands between the call and the
// reason. If several match, the longest counts.
var calls = []string{
	"bootstrap message", "clone stage 1", "clone stage 2", "clone", "create cgroup namespace", "dup3",
	"execve", "id map tool", "mmap", "open", "open mount source", "open namespace", "poll",
	"prctl PR_SET_DUMPABLE", "read init pipe", "read socketpair", "recvmsg", "rt_sigaction", "seal",
	"send ready byte", "send to init pipe", "sendmsg", "sendto", "setgid 0", "setgroups (none)", "setns",
	"setresuid 0", "setsid", "setuid 0", "socketpair", "stage 0", "stage 1", "stages 1 and 2",
	"unshare", "wait for", "wait4", "write",
}

var fatalRecord = regexp.MustCompile(`(?s)^nsexec(?:-([0-2]))?\[(\d+)\]: (.*)$`)

// parseFatal splits the message of a fatal record.
func parseFatal(message string) *Error {
	failure := &Error{Stage: -1}
	text := message
	if parts := fatalRecord.FindStringSubmatch(message); parts != nil {
		if parts[1] != "" {
			failure.Stage, _ = strconv.Atoi(parts[1])
		}
		failure.Pid, _ = strconv.Atoi(parts[2])
		text = parts[3]
	}
	for _, call := range calls {
		behind := strings.TrimPrefix(text, call)
		fits := strings.HasPrefix(text, call) && (strings.HasPrefix(behind, " ") || strings.HasPrefix(behind, ":"))
		if fits && len(call) > len(failure.Call) {
			failure.Call = call
		}
	}
	rest := strings.TrimPrefix(text, failure.Call)
	if failure.Call == "" && strings.HasPrefix(rest, "_LIBCONTAINER_") {
		failure.Call = "environment"
	}
	colon := strings.LastIndex(rest, ": ")
	if colon < 0 {
		failure.Reason = rest
		return failure
	}
	failure.Reason = rest[colon+2:]
	failure.Object = strings.TrimPrefix(strings.TrimPrefix(rest[:colon], ":"), " ")
	failure.Errno = errnoNamed(failure.Reason)
	return failure
}

// errnoNamed returns the number of an errno's name, or 0.
func errnoNamed(name string) syscall.Errno {
	if number, err := strconv.Atoi(strings.TrimPrefix(name, "errno ")); err == nil && number > 0 {
		return syscall.Errno(number)
	}
	return errnos[name]
}
