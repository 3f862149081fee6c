//go:build linux

package parent

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"syscall"
	"unsafe"
)

// Seal opens a program so that nobody can write to it through this file or through /proc/PID/exe of a
// process that runs it, not even a container's root (CVE-2019-5736). Assign the file to Cmd.Sealed of as
// many commands as you like: their stubs then need not seal it at each start, which is a third of the time
// of a start. Close it after the last Start; containers that run keep what they need.
//
// It is a read-only mount that is in no mount namespace (Linux 5.12, CAP_SYS_ADMIN), or else a copy in
// memory, one for all starts. If the program's file is replaced later, call Seal again.
func Seal(path string) (*os.File, error) {
	sealed, mountErr := sealByMount(path)
	if mountErr == nil {
		return sealed, nil
	}
	sealed, err := sealByCopy(path)
	if err != nil {
		return nil, fmt.Errorf("nsenter/parent: seal %s: %w (by a mount: %v)", path, err, mountErr)
	}
	return sealed, nil
}

const (
	oPath           = 0x200000 // O_PATH of open(2), the same on all machines
	sysOpenTree     = 428      // the same on all machines, like the next one
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
	tree, err := openTree(atFdcwd, path, openTreeClone)
	if err != nil {
		return nil, err
	}
	// While this is open, the mount is in a mount namespace, where it could be made writable.
	defer syscall.Close(tree)
	var empty byte
	attributes := struct{ set, clear, propagation, userNamespace uint64 }{set: mountReadOnly}
	_, _, errno := syscall.Syscall6(sysMountSetattr, uintptr(tree), uintptr(unsafe.Pointer(&empty)), atEmptyPath,
		uintptr(unsafe.Pointer(&attributes)), unsafe.Sizeof(attributes), 0)
	if errno != 0 {
		return nil, os.NewSyscallError("mount_setattr", errno)
	}
	fd, err := openTree(tree, "", atEmptyPath)
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(fd), path), nil
}

const (
	mfdFlags    = 1 | 2         // MFD_CLOEXEC, MFD_ALLOW_SEALING
	mfdExec     = 0x10          // Linux 6.3; before, every memfd can be executed
	fAddSeals   = 1033          // of fcntl(2)
	sealNoWrite = 1 | 2 | 4 | 8 // F_SEAL_SEAL, SHRINK, GROW, WRITE
	sealNoChmod = 0x20          // F_SEAL_EXEC, Linux 6.3
)

var sysMemfdCreate = map[string]uintptr{"386": 356, "amd64": 319, "arm": 385, "arm64": 279, "loong64": 279,
	"ppc64le": 360, "riscv64": 279, "s390x": 350}

func newMemfd() (*os.File, error) {
	number := sysMemfdCreate[runtime.GOARCH]
	if number == 0 {
		return nil, os.NewSyscallError("memfd_create", syscall.ENOSYS)
	}
	name := []byte("nsexec\x00")
	fd, _, errno := syscall.Syscall(number, uintptr(unsafe.Pointer(&name[0])), mfdFlags|mfdExec, 0)
	if errno == syscall.EINVAL {
		fd, _, errno = syscall.Syscall(number, uintptr(unsafe.Pointer(&name[0])), mfdFlags, 0)
	}
	if errno != 0 {
		return nil, os.NewSyscallError("memfd_create", errno)
	}
	return os.NewFile(fd, "memfd"), nil
}

// sealByCopy does what the stub's strategy memfd does (stub/seal/copy.h).
func sealByCopy(path string) (*os.File, error) {
	program, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer program.Close()
	// A process that is forked meanwhile would have the copy open for writing, so that it could not be
	// executed (ETXTBSY).
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	memory, err := newMemfd()
	if err != nil {
		return nil, err
	}
	defer memory.Close()
	if _, err := io.Copy(memory, program); err != nil {
		return nil, err
	}
	if err := memory.Chmod(0500); err != nil {
		return nil, err
	}
	_, _, errno := syscall.Syscall(syscall.SYS_FCNTL, memory.Fd(), fAddSeals, sealNoWrite|sealNoChmod)
	if errno != 0 {
		_, _, errno = syscall.Syscall(syscall.SYS_FCNTL, memory.Fd(), fAddSeals, sealNoWrite)
	}
	if errno != 0 {
		return nil, os.NewSyscallError("fcntl", errno)
	}
	return os.OpenFile(fdPath(memory), oPath, 0)
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
	if errno != 0 {
		return nil, os.NewSyscallError("fcntl", errno)
	}
	return os.NewFile(fd, sealed.Name()), nil
}
