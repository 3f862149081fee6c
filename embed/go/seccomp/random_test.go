package seccomp

import (
	"fmt"
	"math/rand"
	"sort"
)

var (
	randomNames = []string{"read", "write", "openat", "clone", "clone3", "socket", "bind", "accept", "accept4", "semop", "semtimedop",
		"shmat", "personality", "chown32", "stat64", "_llseek", "ptrace", "close_range", "cacheflush", "riscv_flush_icache",
		"arm_fadvise64_64", "no_such_call", "mmap", "mmap2", "ioctl", "prctl", "socketcall", "ipc", "spu_run", "execve"}
	randomActions   = []Action{ActKill, ActKillProcess, ActKillThread, ActTrap, ActErrno, ActTrace, ActAllow, ActLog, ActNotify}
	randomOperators = []Operator{OpNotEqual, OpLess, OpLessEqual, OpEqual, OpGreaterEqual, OpGreater, OpMaskedEqual}
	randomValues    = []uint64{0, 1, 2, 3, 5, 7, 16, 0x7e020000, 0x7fffffff, 0x80000000, 0xffffffff, 1 << 32, 1<<32 + 1, 1<<32 + 5, 5 << 32,
		0x7fffffffffffffff, 1 << 63, 0xffffffff00000000, 0xffffffff00000001, 0xffffffffffffffff}
)

// randomProfile makes a profile. Unless mixed, the rules with Args for one call have one action. Unless wild, an argument of a
// call is tested by other operators than == and the mask only if it is tested once.
func randomProfile(random *rand.Rand, mixed, wild bool) *Profile {
	pick := func() Action { return randomActions[random.Intn(len(randomActions))] }
	errno := func() *uint {
		if random.Intn(2) == 0 {
			return nil
		}
		value := uint(random.Intn(5))
		return &value
	}
	profile := &Profile{DefaultAction: pick(), DefaultErrnoRet: errno()}
	if profile.DefaultAction == ActNotify {
		profile.DefaultAction = ActErrno
	}
	names := make([]string, 1+random.Intn(8))
	actions := map[string]Syscall{}
	for i := range names {
		names[i] = randomNames[random.Intn(len(randomNames))]
		actions[names[i]] = Syscall{Action: pick(), ErrnoRet: errno()}
	}
	type argument struct {
		name  string
		index uint
	}
	tests := map[argument]bool{} // whether it may have more of them
	for rules := random.Intn(20); rules >= 0; rules-- {
		name := names[random.Intn(len(names))]
		call := actions[name]
		call.Names = []string{name}
		if mixed || random.Intn(20) == 0 {
			call.Action, call.ErrnoRet = pick(), errno()
		}
		if mixed || random.Intn(20) != 0 {
			for left := 1 + random.Intn(3); left > 0; left-- {
				one := Arg{
					Index: uint(random.Intn(3)), Value: randomValues[random.Intn(len(randomValues))],
					ValueTwo: randomValues[random.Intn(len(randomValues))], Op: randomOperators[random.Intn(len(randomOperators))],
				}
				// The first argument of these is tested for the calls behind them too.
				to := argument{name, one.Index}
				if _, led := socketcalls[name]; led {
					to.name = "socketcall"
				}
				if _, led := ipcs[name]; led {
					to.name = "ipc"
				}
				more, known := tests[to]
				if !wild && (known || one.Index == 0 && to.name != name || to.name == "socketcall" || to.name == "ipc") {
					if known && !more {
						continue
					}
					if one.Op != OpMaskedEqual {
						one.Op = OpEqual
					}
				}
				tests[to] = one.Op == OpEqual || one.Op == OpMaskedEqual
				call.Args = append(call.Args, one)
			}
			if call.Args == nil {
				continue
			}
			if !mixed {
				call.Action, call.ErrnoRet = actions[name].Action, actions[name].ErrnoRet
			}
		}
		profile.Syscalls = append(profile.Syscalls, call)
	}
	// A call that all machines have, without Args: see testdata/libseccomp.c.
	first := Syscall{Names: []string{"getppid"}, Action: ActTrap}
	if profile.DefaultAction == ActTrap {
		first.Action = ActLog
	}
	profile.Syscalls = append(profile.Syscalls, first)
	return profile
}

// samples are calls to ask a filter for: every number that a machine may know and its neighbours if all, else those that the
// profile names, each with arguments near those that the profile tests for that call.
func samples(random *rand.Rand, profile *Profile, m *machine, all bool, each func(*syscallData)) {
	tested := map[uint32][]Arg{}
	numbers := map[uint32]bool{0: true, 1: true, 0xffffffff: true, 0xfffffffe: true, 0x7fffffff: true, 0x80000000: true, 0x80000005: true,
		1 << 30: true, 1<<30 - 1: true, 0xc0000000: true, 0xbfffffff: true}
	for _, call := range profile.Syscalls {
		for _, name := range call.Names {
			for _, other := range []Arch{m.arch, ArchX32} {
				if other == ArchX32 && m.audit != auditX86_64 {
					continue
				}
				of, _ := machineOf(other)
				if number, ok := of.number(name); ok {
					tested[number] = append(tested[number], call.Args...)
				}
				if leader, first, ok := of.behind(name); ok {
					tested[leader] = append(tested[leader], Arg{Index: 0, Op: OpEqual, Value: uint64(first)})
					tested[leader] = append(tested[leader], call.Args...)
				}
			}
		}
	}
	for number := range tested {
		numbers[number], numbers[number+1], numbers[number-1] = true, true, true
	}
	if all {
		for i := range calls {
			for _, column := range []int{m.column, columnX32} {
				if number := calls[i].numbers[column]; number >= 0 {
					numbers[uint32(number)], numbers[uint32(number)+1] = true, true
				}
			}
		}
		for number := uint32(0); number < 700; number++ {
			numbers[number], numbers[number+4000], numbers[number+5000], numbers[number+6000], numbers[number|1<<30] = true, true, true, true, true
		}
	}
	sorted := make([]uint32, 0, len(numbers))
	for number := range numbers {
		sorted = append(sorted, number)
	}
	sort.Slice(sorted, func(i, j int) bool { return sorted[i] < sorted[j] })
	for _, number := range sorted {
		data := syscallData{number: number, arch: m.audit}
		each(&data)
		args := tested[number]
		if len(args) == 0 {
			for i := range data.args {
				data.args[i] = random.Uint64()
			}
			each(&data)
			continue
		}
		count := 8 * len(args)
		if count > 60 {
			count = 60
		}
		for ; count > 0; count-- {
			for i := range data.args {
				data.args[i] = randomValues[random.Intn(len(randomValues))]
			}
			for near := 1 + random.Intn(3); near > 0; near-- {
				arg := args[random.Intn(len(args))]
				value := arg.Value
				if arg.Op == OpMaskedEqual {
					value = arg.Value & arg.ValueTwo
					if random.Intn(2) == 0 {
						value |= random.Uint64() &^ arg.Value
					}
				}
				switch random.Intn(6) {
				case 0:
					value++
				case 1:
					value--
				case 2:
					value ^= 1 << 32
				case 3:
					value ^= 1 << uint(random.Intn(64))
				}
				data.args[arg.Index] = value
			}
			each(&data)
		}
	}
}

func (d *syscallData) String() string {
	return fmt.Sprintf("call %d (%#x) of %#x with %#x", d.number, d.number, d.arch, d.args)
}
