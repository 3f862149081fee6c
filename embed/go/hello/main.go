// hello prints what it sees, run by hand or as a container's init.
package main

import (
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"sync"
	"syscall"
	"time"

	"github.com/nsexec-stub/nsexec-stub/embed/go/nsenter"
)

// withC prints more in a program with cgo (with_c.go).
var withC = func() {}

func link(name string) string {
	target, err := os.Readlink("/proc/self/ns/" + name)
	if err != nil {
		return err.Error()
	}
	return target
}

// goroutines starts n goroutines, each of which adds one, and returns the sum.
func goroutines(n int) int {
	var lock sync.Mutex
	var group sync.WaitGroup
	sum := 0
	for i := 0; i < n; i++ {
		group.Add(1)
		go func() {
			defer group.Done()
			runtime.Gosched()
			lock.Lock()
			sum++
			lock.Unlock()
		}()
	}
	group.Wait()
	return sum
}

// signals sends a signal to this process and waits for it.
func signals() bool {
	arrived := make(chan os.Signal, 1)
	signal.Notify(arrived, syscall.SIGUSR1)
	syscall.Kill(os.Getpid(), syscall.SIGUSR1)
	select {
	case <-arrived:
		return true
	case <-time.After(5 * time.Second):
		return false
	}
}

func main() {
	fmt.Println("go:", runtime.GOARCH)
	fmt.Println("entered:", nsenter.Entered())
	fmt.Println("init:", nsenter.IsInit())
	fmt.Println("pid:", os.Getpid())
	fmt.Println("uid:", os.Getuid())
	fmt.Println("args:", len(os.Args), os.Args[len(os.Args)-1])
	fmt.Println("variable:", os.Getenv("HELLO"))
	for _, name := range []string{"cgroup", "ipc", "mnt", "net", "pid", "user", "uts"} {
		fmt.Printf("ns_%s: %s\n", name, link(name))
	}
	fmt.Println("threads:", goroutines(1000))
	fmt.Println("signals:", signals())
	before := time.Now()
	time.Sleep(time.Millisecond)
	fmt.Println("clock:", time.Since(before) >= time.Millisecond && time.Now().Year() > 2000)
	withC()
	if os.Getenv("HELLO") == "crash" {
		panic("as asked")
	}
}
