package seccomp

import (
	"fmt"
	"runtime"
	"sort"
)

// Arch is a machine, or one of its ABIs, by its name in a profile. The names that runc keeps in their place ("amd64",
// "arm64", "ppc64le") are understood too.
type Arch string

const (
	ArchX86         Arch = "SCMP_ARCH_X86"
	ArchX86_64      Arch = "SCMP_ARCH_X86_64"
	ArchX32         Arch = "SCMP_ARCH_X32"
	ArchARM         Arch = "SCMP_ARCH_ARM"
	ArchAARCH64     Arch = "SCMP_ARCH_AARCH64"
	ArchLOONGARCH64 Arch = "SCMP_ARCH_LOONGARCH64"
	ArchM68K        Arch = "SCMP_ARCH_M68K"
	ArchMIPS        Arch = "SCMP_ARCH_MIPS"
	ArchMIPS64      Arch = "SCMP_ARCH_MIPS64"
	ArchMIPS64N32   Arch = "SCMP_ARCH_MIPS64N32"
	ArchMIPSEL      Arch = "SCMP_ARCH_MIPSEL"
	ArchMIPSEL64    Arch = "SCMP_ARCH_MIPSEL64"
	ArchMIPSEL64N32 Arch = "SCMP_ARCH_MIPSEL64N32"
	ArchPARISC      Arch = "SCMP_ARCH_PARISC"
	ArchPARISC64    Arch = "SCMP_ARCH_PARISC64"
	ArchPPC         Arch = "SCMP_ARCH_PPC"
	ArchPPC64       Arch = "SCMP_ARCH_PPC64"
	ArchPPC64LE     Arch = "SCMP_ARCH_PPC64LE"
	ArchRISCV64     Arch = "SCMP_ARCH_RISCV64"
	ArchS390        Arch = "SCMP_ARCH_S390"
	ArchS390X       Arch = "SCMP_ARCH_S390X"
	ArchSH          Arch = "SCMP_ARCH_SH"
	ArchSHEB        Arch = "SCMP_ARCH_SHEB"
)

// machine is what the compiler has to know of an Arch.
type machine struct {
	arch   Arch
	short  string // as runc calls it
	goarch string // as Go calls it, if it is a machine of its own that Go has
	audit  uint32 // AUDIT_ARCH_* of linux/audit.h: what the kernel calls it
	column int
	words  int // of 32 bits in an argument that are compared: 2, or the lower one alone
	big    bool
	enosys uint32
}

// Of linux/audit.h: what is added to a number of linux/elf-em.h.
const (
	audit64     = 0x80000000
	auditLittle = 0x40000000
	auditN32    = 0x20000000

	// Those that the compiler has to know.
	auditX86_64 = 62 | audit64 | auditLittle
	auditS390   = 22
	auditS390X  = 22 | audit64

	// The bit that tells a call of x32 from one of x86_64. The kernel has the same audit number for both.
	x32Bit = 1 << 30
)

var machines = [...]machine{
	{ArchX86, "x86", "386", 3 | auditLittle, columnX86, 1, false, 38},
	{ArchX86_64, "amd64", "amd64", auditX86_64, columnX86_64, 2, false, 38},
	{ArchX32, "x32", "", auditX86_64, columnX32, 1, false, 38},
	{ArchARM, "arm", "arm", 40 | auditLittle, columnArm, 1, false, 38},
	{ArchAARCH64, "arm64", "arm64", 183 | audit64 | auditLittle, columnAarch64, 2, false, 38},
	{ArchLOONGARCH64, "loong64", "loong64", 258 | audit64 | auditLittle, columnLoongarch64, 2, false, 38},
	{ArchM68K, "m68k", "", 4, columnM68k, 1, true, 38},
	{ArchMIPS, "mips", "mips", 8, columnMips, 1, true, 89},
	{ArchMIPS64, "mips64", "mips64", 8 | audit64, columnMips64, 2, true, 89},
	{ArchMIPS64N32, "mips64n32", "", 8 | audit64 | auditN32, columnMips64n32, 1, true, 89},
	{ArchMIPSEL, "mipsel", "mipsle", 8 | auditLittle, columnMips, 1, false, 89},
	{ArchMIPSEL64, "mipsel64", "mips64le", 8 | audit64 | auditLittle, columnMips64, 2, false, 89},
	{ArchMIPSEL64N32, "mipsel64n32", "", 8 | audit64 | auditLittle | auditN32, columnMips64n32, 1, false, 89},
	{ArchPARISC, "parisc", "", 15, columnParisc, 1, true, 251},
	{ArchPARISC64, "parisc64", "", 15 | audit64, columnParisc64, 2, true, 251},
	{ArchPPC, "ppc", "ppc", 20, columnPpc, 1, true, 38},
	{ArchPPC64, "ppc64", "ppc64", 21 | audit64, columnPpc64, 2, true, 38},
	{ArchPPC64LE, "ppc64le", "ppc64le", 21 | audit64 | auditLittle, columnPpc64, 2, false, 38},
	{ArchRISCV64, "riscv64", "riscv64", 243 | audit64 | auditLittle, columnRiscv64, 2, false, 38},
	{ArchS390, "s390", "", auditS390, columnS390, 1, true, 38},
	{ArchS390X, "s390x", "s390x", auditS390X, columnS390x, 2, true, 38},
	{ArchSH, "sh", "", 42 | auditLittle, columnSh, 1, false, 38},
	{ArchSHEB, "sheb", "", 42, columnSh, 1, true, 38},
}

// Native returns the machine that this program is built for, "" if a filter for it cannot be compiled.
func Native() Arch {
	for i := range machines {
		if machines[i].goarch == runtime.GOARCH {
			return machines[i].arch
		}
	}
	return ""
}

// Archs returns the names of all machines, sorted.
func Archs() []Arch {
	list := make([]Arch, 0, len(machines))
	for i := range machines {
		list = append(list, machines[i].arch)
	}
	sort.Slice(list, func(i, j int) bool { return list[i] < list[j] })
	return list
}

func machineOf(arch Arch) (*machine, error) {
	for i := range machines {
		if machines[i].arch == arch || machines[i].short == string(arch) {
			return &machines[i], nil
		}
	}
	return nil, fmt.Errorf("seccomp: %q is not an architecture", string(arch))
}

// number returns the number of a call on that machine, if it has one.
func (m *machine) number(name string) (number uint32, ok bool) {
	i := sort.Search(len(calls), func(i int) bool { return calls[i].name >= name })
	if i == len(calls) || calls[i].name != name || calls[i].numbers[m.column] < 0 {
		return 0, false
	}
	return uint32(calls[i].numbers[m.column]), true
}

// behind returns the call that leads to that one on this machine, socketcall or ipc, and its first argument for it.
func (m *machine) behind(name string) (number, first uint32, ok bool) {
	for leader, followers := range map[string]map[string]uint32{"socketcall": socketcalls, "ipc": ipcs} {
		if first, ok = followers[name]; ok {
			number, ok = m.number(leader)
			return number, first, ok
		}
	}
	return 0, 0, false
}
