package nsenter

import "syscall"

// Without the stub, an init would run on the host, in no namespace of its own.
func init() {
	if pipe, _ := syscall.Getenv("_LIBCONTAINER_INITPIPE"); pipe == "" || inFront() {
		return
	}
	const message = "nsenter: this program was started as a container's init, but " + why + "\n"
	syscall.Write(2, []byte(message))
	syscall.Exit(1)
}
