//go:build linux

package parent

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"unsafe"
)

// children returns the pids of the processes that a thread of this process has forked and that have
// not been reaped. It returns nil if /proc does not show them (proc_pid_children(5): Linux 4.2,
// CONFIG_PROC_CHILDREN).
//
// The stages are children of the thread that started stage 0, because of CLONE_PARENT. If the start
// fails, no message has their pids.
func children(thread int) map[int]bool {
	text, err := os.ReadFile(fmt.Sprintf("/proc/self/task/%d/children", thread))
	if err != nil {
		return nil
	}
	pids := map[int]bool{}
	for _, field := range strings.Fields(string(text)) {
		if pid, err := strconv.Atoi(field); err == nil {
			pids[pid] = true
		}
	}
	return pids
}

const (
	sysPidfdOpen = 434 // the same on all machines
	pPid         = 1   // waitid's P_PID
)

// isChild reports whether a process is a child of this one that is running or not yet reaped.
func isChild(pid int) bool {
	const waitNothing = syscall.WEXITED | syscall.WNOHANG | syscall.WNOWAIT
	var info [128]byte // siginfo_t
	_, _, errno := syscall.Syscall6(syscall.SYS_WAITID, pPid, uintptr(pid),
		uintptr(unsafe.Pointer(&info)), waitNothing, 0, 0)
	return errno == 0
}

// reap waits for a child and discards its status.
func reap(pid int) {
	for {
		if _, err := syscall.Wait4(pid, nil, 0, nil); err != syscall.EINTR {
			return
		}
	}
}

// openPidfd returns nil if the kernel has no pidfds (before Linux 5.3). The pid must be that of a
// child that has not been reaped, so that no other process can have it.
func openPidfd(pid int) *os.File {
	fd, _, errno := syscall.Syscall(sysPidfdOpen, uintptr(pid), 0, 0)
	if errno != 0 {
		return nil
	}
	return os.NewFile(fd, fmt.Sprintf("pidfd of %d", pid))
}
