//go:build ignore

// resolve_profile reads a seccomp profile as Docker and Podman have it, for all machines and capabilities at once, and writes
// what they make of it for a runtime.
//
//	go run resolve_profile.go            a list: for each machine, without capabilities and with all
//	go run resolve_profile.go MACHINE    the one for that machine, as Go calls it, without capabilities
package main

import (
	"encoding/json"
	"fmt"
	"os"
)

type file struct {
	DefaultAction   string `json:"defaultAction"`
	DefaultErrnoRet *uint  `json:"defaultErrnoRet"`
	ArchMap         []struct {
		Architecture     string   `json:"architecture"`
		SubArchitectures []string `json:"subArchitectures"`
	} `json:"archMap"`
	Syscalls []struct {
		syscall
		Includes condition `json:"includes"`
		Excludes condition `json:"excludes"`
	} `json:"syscalls"`
}

type condition struct {
	Arches []string `json:"arches"`
	Caps   []string `json:"caps"`
}

type syscall struct {
	Names    []string        `json:"names"`
	Action   string          `json:"action"`
	ErrnoRet *uint           `json:"errnoRet,omitempty"`
	Args     json.RawMessage `json:"args,omitempty"`
}

type profile struct {
	DefaultAction   string    `json:"defaultAction"`
	DefaultErrnoRet *uint     `json:"defaultErrnoRet,omitempty"`
	Architectures   []string  `json:"architectures,omitempty"`
	Syscalls        []syscall `json:"syscalls"`
}

type made struct {
	Machine string  `json:"machine"`
	Profile profile `json:"profile"`
}

// Machines as Go and a profile call them. Docker calls them as Go does.
var machines = [][2]string{
	{"amd64", "SCMP_ARCH_X86_64"}, {"arm64", "SCMP_ARCH_AARCH64"}, {"ppc64le", "SCMP_ARCH_PPC64LE"}, {"s390x", "SCMP_ARCH_S390X"},
	{"riscv64", "SCMP_ARCH_RISCV64"}, {"mips64", "SCMP_ARCH_MIPS64"}, {"arm", "SCMP_ARCH_ARM"}, {"loong64", "SCMP_ARCH_LOONGARCH64"},
}

func resolve(from *file, machine, arch string, capable bool) profile {
	to := profile{DefaultAction: from.DefaultAction, DefaultErrnoRet: from.DefaultErrnoRet}
	for _, entry := range from.ArchMap {
		if entry.Architecture == arch {
			to.Architectures = append([]string{arch}, entry.SubArchitectures...)
		}
	}
	names := func(list []string) bool {
		for _, one := range list {
			if one == machine {
				return true
			}
		}
		return false
	}
	for _, call := range from.Syscalls {
		in, out := call.Includes, call.Excludes
		if len(in.Arches) > 0 && !names(in.Arches) || names(out.Arches) {
			continue
		}
		if len(in.Caps) > 0 && !capable || len(out.Caps) > 0 && capable {
			continue
		}
		to.Syscalls = append(to.Syscalls, call.syscall)
	}
	return to
}

func main() {
	var from file
	if err := json.NewDecoder(os.Stdin).Decode(&from); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	var list []made
	for _, one := range machines {
		if len(os.Args) > 1 && os.Args[1] == one[0] {
			json.NewEncoder(os.Stdout).Encode(resolve(&from, one[0], one[1], false))
			return
		}
		for _, capable := range []bool{false, true} {
			list = append(list, made{one[0], resolve(&from, one[0], one[1], capable)})
		}
	}
	json.NewEncoder(os.Stdout).Encode(list)
}
