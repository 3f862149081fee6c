package seccomp

import (
	"fmt"
	"runtime"
	"syscall"
	"unsafe"
)

// Constants of linux/seccomp.h and linux/prctl.h.
const (
	setModeFilter    = 1 // of seccomp(2)
	getActionAvail   = 2
	prSetSeccomp     = 22
	secureModeFilter = 2 // of prctl(2)
)

// program is struct sock_fprog.
type program struct {
	length       uint16
	instructions *Instruction
}

// Load gives the calling thread the filter, or all threads, with FlagTsync. It is kept over execve, and nothing takes
// it off again. Call runtime.LockOSThread before. Without CAP_SYS_ADMIN the thread needs the no_new_privs bit.
//
// If the filter has ActNotify, Load returns the fd of the listener, which is closed on exec; and else -1.
func (f *Filter) Load() (listener int, err error) {
	if f.native == nil || f.native.arch != Native() {
		return -1, ErrNative
	}
	for _, action := range f.actions {
		if err := action.available(f.native); err != nil {
			return -1, err
		}
	}
	what := program{uint16(len(f.Program)), &f.Program[0]}
	var result uintptr
	var errno syscall.Errno
	if f.Flags == 0 {
		_, _, errno = syscall.RawSyscall(syscall.SYS_PRCTL, prSetSeccomp, secureModeFilter, uintptr(unsafe.Pointer(&what)))
	} else {
		result, _, errno = f.native.seccomp(setModeFilter, f.Flags, unsafe.Pointer(&what))
	}
	runtime.KeepAlive(f)
	if errno != 0 {
		return -1, fmt.Errorf("seccomp: load a filter: %w", errno)
	}
	if f.Notifies {
		return int(result), nil
	}
	if result != 0 {
		return -1, fmt.Errorf("seccomp: thread %d has another filter", result)
	}
	return -1, nil
}

// available asks the kernel for the actions that it has not always had: it would kill instead.
func (a Action) available(m *machine) error {
	if a != ActLog && a != ActKillProcess && a != ActNotify {
		return nil
	}
	value, _ := a.value(nil)
	if _, _, errno := m.seccomp(getActionAvail, 0, unsafe.Pointer(&value)); errno != 0 {
		return fmt.Errorf("seccomp: this kernel has no %s: %w", a, errno)
	}
	return nil
}

// Supported tells whether this kernel has the flag: the error is nil then.
func (f Flag) Supported() error {
	value, err := f.value()
	if err != nil {
		return err
	}
	native, err := machineOf(Native())
	if err != nil {
		return err
	}
	if f == FlagWaitKillableRecv {
		value |= flagNewListener
	}
	// A program at no address: the kernel looks at the flags first.
	if _, _, errno := native.seccomp(setModeFilter, value, nil); errno != syscall.EFAULT {
		return fmt.Errorf("seccomp: this kernel has no %s: %w", f, errno)
	}
	return nil
}

// seccomp is seccomp(2), whose number package syscall does not have for all machines.
func (m *machine) seccomp(operation uintptr, flags uint, argument unsafe.Pointer) (uintptr, uintptr, syscall.Errno) {
	number, _ := m.number("seccomp")
	return syscall.RawSyscall(uintptr(number), operation, uintptr(flags), uintptr(argument))
}
