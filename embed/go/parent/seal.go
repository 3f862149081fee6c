//go:build linux

package parent

import (
	"fmt"
	"os"
	"syscall"
	"unsafe"
)

// Seal opens a program so that nobody can write to it through this file or through /proc/PID/exe of a
// process that runs it, not even a container's root (CVE-2019-5736). Assign the file to Cmd.Sealed of as
// many commands as you like: their stubs then need not seal it at each start. Close it after the last
// Start; containers that run keep what they need.
//
// It is a read-only mount that is in no mount namespace. It needs Linux 5.12 and CAP_SYS_ADMIN, and a
// program that is not sealed already, as /proc/self/exe may be. If it fails, leave Cmd.Sealed nil. If the
// program's file is replaced later, call Seal again.
func Seal(path string) (*os.File, error) {
	const tries = 100
	for i := 0; i < tries; i++ {
		sealed, err := sealByMount(path)
		if err != nil {
			return nil, fmt.Errorf("nsenter/parent: seal %s: %w", path, err)
		}
		// Another thread may have forked while the tree was open, and its child has a copy.
		if setReadOnly(int(sealed.Fd())) == syscall.EINVAL {
			return sealed, nil
		}
		sealed.Close()
	}
	return nil, fmt.Errorf("nsenter/parent: seal %s: %w", path, syscall.EBUSY)
}

const (
	sysOpenTree     = 428 // the same on all machines that have a stub, like the next one
	sysMountSetattr = 442
	atFdcwd         = -100
	atEmptyPath     = 0x1000
	openTreeClone   = 1
	mountReadOnly   = 1 // MOUNT_ATTR_RDONLY
)

func openTree(dir int, path string, flags uintptr) (int, error) {
	name, err := syscall.BytePtrFromString(path)
	if err != nil {
		return -1, err
	}
	fd, _, errno := syscall.Syscall(sysOpenTree, uintptr(dir), uintptr(unsafe.Pointer(name)), flags|syscall.O_CLOEXEC)
	if errno != 0 {
		return -1, os.NewSyscallError("open_tree", errno)
	}
	return int(fd), nil
}

// sealByMount does what the stub's strategy detached-mount does (stub/seal/mount.cpp).
func sealByMount(path string) (*os.File, error) {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	tree, err := openTree(atFdcwd, path, openTreeClone)
	if err != nil {
		return nil, err
	}
	// While this is open, here or in a process that was forked, the mount is in a mount namespace, where it
	// could be made writable.
	defer syscall.Close(tree)
	if errno := setReadOnly(tree); errno != 0 {
		return nil, os.NewSyscallError("mount_setattr", errno)
	}
	fd, err := openTree(tree, "", atEmptyPath)
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(fd), path), nil
}

// setReadOnly makes a mount read-only. EINVAL: it is in no mount namespace of this process's, and so cannot
// be changed.
func setReadOnly(fd int) syscall.Errno {
	var empty byte
	attributes := struct{ set, clear, propagation, userNamespace uint64 }{set: mountReadOnly}
	_, _, errno := syscall.Syscall6(sysMountSetattr, uintptr(fd), uintptr(unsafe.Pointer(&empty)), atEmptyPath,
		uintptr(unsafe.Pointer(&attributes)), unsafe.Sizeof(attributes), 0)
	return errno
}

func fdPath(file *os.File) string { return fmt.Sprintf("/proc/self/fd/%d", file.Fd()) }

// sealedAbove returns a copy of the sealed program's descriptor that os.StartProcess does not overwrite in
// the child: it needs numbers up to the highest of `files` and as many more as there are files.
func sealedAbove(sealed *os.File, files []*os.File) (*os.File, error) {
	highest := len(files)
	for _, file := range files {
		if fd := int(file.Fd()); fd > highest {
			highest = fd
		}
	}
	const spare = 8
	fd, _, errno := syscall.Syscall(syscall.SYS_FCNTL, sealed.Fd(), syscall.F_DUPFD_CLOEXEC,
		uintptr(highest+len(files)+spare))
	if errno == syscall.EINVAL {
		return nil, fmt.Errorf("nsenter/parent: no descriptor above %d is allowed (RLIMIT_NOFILE): %w",
			highest+len(files)+spare, syscall.EMFILE)
	}
	if errno != 0 {
		return nil, os.NewSyscallError("fcntl", errno)
	}
	return os.NewFile(fd, sealed.Name()), nil
}
