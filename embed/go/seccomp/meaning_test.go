package seccomp

// A meaning says what a profile does with a call, straight from the profile and without a program: another way to the same
// answer.
type meaning struct {
	profile  *Profile
	native   *machine
	machines []*machine
	rules    map[Arch]map[uint32][]plainRule
	newest   map[Arch]uint32 // the highest number that the profile names; 0 for none, and without the ENOSYS that runc adds
}

// A plainRule matches if all args do.
type plainRule struct {
	args   []Arg
	action uint32
	always bool // by its form
}

func newMeaning(profile *Profile, native Arch, enosys bool) *meaning {
	m := &meaning{profile: profile, rules: map[Arch]map[uint32][]plainRule{}, newest: map[Arch]uint32{}}
	m.native, _ = machineOf(native)
	refuses := profile.DefaultAction != ActAllow && profile.DefaultAction != ActLog && profile.DefaultAction != ActTrace
	for _, name := range append([]Arch{native}, profile.Architectures...) {
		of, err := machineOf(name)
		if err != nil {
			panic(err)
		}
		if m.rules[of.arch] != nil {
			continue
		}
		m.machines = append(m.machines, of)
		rules := map[uint32][]plainRule{}
		m.rules[of.arch] = rules
		for _, call := range profile.Syscalls {
			action := actionValue(call.Action, call.ErrnoRet)
			// The rule's ANDs: one of all Args, or one of each.
			alternatives := [][]Arg{call.Args}
			seen := map[uint]bool{}
			for _, arg := range call.Args {
				seen[arg.Index] = true
			}
			if len(seen) != len(call.Args) {
				alternatives = nil
				for _, arg := range call.Args {
					alternatives = append(alternatives, []Arg{arg})
				}
			}
			for _, name := range call.Names {
				number, direct := of.number(name)
				leader, first, led := of.behind(name)
				if enosys && refuses && direct && !led && number > m.newest[of.arch] {
					m.newest[of.arch] = number
				}
				if action == actionValue(profile.DefaultAction, profile.DefaultErrnoRet) {
					continue
				}
				for _, args := range alternatives {
					if direct {
						rules[number] = append(rules[number], plainRule{args, action, isAlways(args, of)})
					}
					if led {
						args = ledArgs(args, first)
						rules[leader] = append(rules[leader], plainRule{args, action, false})
					}
				}
			}
		}
	}
	return m
}

func isAlways(args []Arg, m *machine) bool {
	for _, arg := range args {
		mask := arg.Value
		if m.words == 1 {
			mask = uint64(uint32(mask))
		}
		if arg.Op != OpMaskedEqual || mask != 0 {
			return false
		}
	}
	return true
}

// verdict is what the filter is to return. Where rules that match have different actions, a meaning does not know which
// libseccomp asks first: certain is false.
func (m *meaning) verdict(data *syscallData) (verdict uint32, certain bool) {
	fallback := actionValue(m.profile.DefaultAction, m.profile.DefaultErrnoRet)
	var of *machine
	var hasX86_64, hasX32 bool
	for _, one := range m.machines {
		hasX86_64 = hasX86_64 || one.arch == ArchX86_64
		hasX32 = hasX32 || one.arch == ArchX32
		if one.audit == data.arch && (one.audit != 0xc000003e || (one.arch == ArchX32) == (data.number >= 1<<30)) {
			of = one
		}
	}
	var by Arch
	if of != nil {
		by = of.arch
	}
	if data.arch == 0xc000003e {
		// runc tells them apart by this one bit, and not by >=.
		by = ArchX86_64
		if data.number&(1<<30) != 0 {
			by = ArchX32
		}
	}
	if newest := m.newest[by]; newest != 0 {
		if data.number > newest || (data.number == 0 && (by == ArchS390 || by == ArchS390X)) {
			return 0x50000 | m.native.enosys, true
		}
	}
	if of == nil {
		// -1 belongs to x86_64, unless there is x32.
		if hasX86_64 && data.arch == 0xc000003e && data.number == 0xffffffff {
			return fallback, true
		}
		return 0, true
	}
	verdict, certain = fallback, true
	found := false
	for _, rule := range m.rules[of.arch][data.number] {
		if rule.always {
			return rule.action, true
		}
		matches := true
		for _, arg := range rule.args {
			matches = matches && compare(arg, data.args[arg.Index], of.words == 1)
		}
		if matches {
			certain = certain && (!found || verdict == rule.action)
			found, verdict = true, rule.action
		}
	}
	return verdict, certain
}

func ledArgs(args []Arg, first uint32) []Arg {
	list := []Arg{{Index: 0, Op: OpEqual, Value: uint64(first)}}
	for _, arg := range args {
		if arg.Index != 0 {
			list = append(list, arg)
		}
	}
	return list
}

func compare(arg Arg, value uint64, narrow bool) bool {
	operand, second := arg.Value, arg.ValueTwo
	if narrow {
		value, operand, second = uint64(uint32(value)), uint64(uint32(operand)), uint64(uint32(second))
	}
	switch arg.Op {
	case OpEqual:
		return value == operand
	case OpNotEqual:
		return value != operand
	case OpLess:
		return value < operand
	case OpLessEqual:
		return value <= operand
	case OpGreater:
		return value > operand
	case OpGreaterEqual:
		return value >= operand
	case OpMaskedEqual:
		return value&operand == second&operand
	}
	panic(arg.Op)
}

func actionValue(action Action, errnoRet *uint) uint32 {
	data := uint32(1)
	if errnoRet != nil {
		data = uint32(*errnoRet)
	}
	switch action {
	case ActKill, ActKillThread:
		return 0
	case ActKillProcess:
		return 0x80000000
	case ActTrap:
		return 0x30000
	case ActErrno:
		return 0x50000 | data
	case ActTrace:
		return 0x7ff00000 | data
	case ActLog:
		return 0x7ffc0000
	case ActAllow:
		return 0x7fff0000
	case ActNotify:
		return 0x7fc00000
	}
	panic(action)
}
