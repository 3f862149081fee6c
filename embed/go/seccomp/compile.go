package seccomp

import (
	"errors"
	"fmt"
	"sort"
)

// MaxInstructions is how many the kernel takes (BPF_MAXINSNS).
const MaxInstructions = 4096

// ErrNative says that a filter is for programs on another machine than this one.
var ErrNative = errors.New("seccomp: the filter is for another machine")

// Instruction is one of a classic BPF program, as the kernel has it (struct sock_filter).
type Instruction struct {
	Op uint16
	Jt uint8
	Jf uint8
	K  uint32
}

// Filter is a compiled profile.
type Filter struct {
	Program []Instruction
	Flags   uint // of seccomp(2)
	// Notifies is whether Load returns the fd of a listener.
	Notifies bool

	native  *machine
	actions []Action // all that the program can return
}

// Compile compiles a profile for programs that run on a machine: itself, and those that Architectures names.
//
// Where several rules with Args match one call and their actions differ, the order of the rules decides only between
// rules with the same tests. Else it is the order that libseccomp has: a rule on a later argument is asked before one
// on an earlier argument; one with ==, != or a mask before one with < or <=, and that before one with > or >=; and the
// closer bound before the farther one. libseccomp refuses some of these profiles.
func Compile(profile *Profile, native Arch) (*Filter, error) { return compile(profile, native, true) }

// compile compiles a profile. Without enosys, it is as libseccomp has it.
func compile(profile *Profile, native Arch, enosys bool) (*Filter, error) {
	if profile == nil {
		return nil, errors.New("seccomp: no profile")
	}
	fallback, err := profile.DefaultAction.value(profile.DefaultErrnoRet)
	if err != nil {
		return nil, fmt.Errorf("%w (the default action)", err)
	}
	list, err := archs(profile, native)
	if err != nil {
		return nil, err
	}
	rules, err := profile.rules(fallback)
	if err != nil {
		return nil, err
	}
	filter := &Filter{native: list[0], actions: []Action{profile.DefaultAction}}
	for i := range profile.Syscalls {
		filter.actions = append(filter.actions, profile.Syscalls[i].Action)
		filter.Notifies = filter.Notifies || profile.Syscalls[i].Action == ActNotify
	}
	filter.Notifies = filter.Notifies || profile.DefaultAction == ActNotify
	if filter.Flags, err = flags(profile, filter.Notifies); err != nil {
		return nil, err
	}

	// With x32, x86_64 has two tables behind one number of the kernel.
	sections := map[uint32]*section{}
	var order []*section
	for _, one := range list {
		if sections[one.audit] == nil {
			sections[one.audit] = newSection(one, fallback)
			order = append(order, sections[one.audit])
		}
		sections[one.audit].add(one, rules)
	}
	filter.Program = []Instruction{load(dataArch)}
	for _, section := range order {
		section.finish(enosys && !profile.DefaultAction.letsPass(), retErrno|filter.native.enosys)
		code := section.code()
		filter.Program = append(filter.Program,
			Instruction{opJumpEqual, 1, 0, section.audit}, Instruction{opJump, 0, 0, uint32(len(code))})
		filter.Program = append(filter.Program, code...)
	}
	filter.Program = append(filter.Program, answer(retKillThread))
	if len(filter.Program) > MaxInstructions {
		return nil, fmt.Errorf("seccomp: the profile makes %d instructions, and the kernel takes %d", len(filter.Program), MaxInstructions)
	}
	return filter, nil
}

// archs returns the machines of a profile, each once, the native one first.
func archs(profile *Profile, native Arch) ([]*machine, error) {
	if native == "" {
		return nil, errors.New("seccomp: no filters for this machine")
	}
	var list []*machine
	seen := map[Arch]bool{}
	for _, name := range append([]Arch{native}, profile.Architectures...) {
		one, err := machineOf(name)
		if err != nil {
			return nil, err
		}
		if seen[one.arch] {
			continue
		}
		seen[one.arch] = true
		list = append(list, one)
		if one.big != list[0].big {
			return nil, fmt.Errorf("seccomp: %s and %s have different byte orders, so no kernel runs both", list[0].arch, one.arch)
		}
	}
	return list, nil
}

func flags(profile *Profile, notifies bool) (flags uint, err error) {
	for _, flag := range profile.Flags {
		value, err := flag.value()
		if err != nil {
			return 0, err
		}
		flags |= value
	}
	if notifies {
		flags |= flagNewListener
		if flags&flagTsync != 0 {
			// Else the result could be an fd, and could be the id of a thread.
			flags |= flagTsyncEsrch
		}
	} else {
		// The kernel refuses it where nobody listens.
		flags &^= flagWaitKillableRecv
	}
	return flags, nil
}

// A rule is one of a profile's, for one call.
type rule struct {
	name   string
	action uint32
	args   []Arg // sorted by Index, each Index once
	given  bool  // with an action of its own, not the default one
}

// rules returns the rules of a profile in their order.
func (p *Profile) rules(fallback uint32) ([]rule, error) {
	var list []rule
	for i := range p.Syscalls {
		call := &p.Syscalls[i]
		action, err := call.Action.value(call.ErrnoRet)
		if err != nil {
			return nil, fmt.Errorf("%w (of %v)", err, call.Names)
		}
		times := [6]int{}
		most := 0
		for _, arg := range call.Args {
			if arg.Index >= uint(len(times)) {
				return nil, fmt.Errorf("seccomp: %v: no call has an argument %d; the first is 0, the last 5", call.Names, arg.Index)
			}
			if arg.Op.class() == 0 {
				return nil, fmt.Errorf("seccomp: %v: %q is not an operator", call.Names, string(arg.Op))
			}
			times[arg.Index]++
			if times[arg.Index] > most {
				most = times[arg.Index]
			}
		}
		for _, name := range call.Names {
			if name == "" {
				return nil, errors.New("seccomp: a rule for a call without a name")
			}
			one := rule{name: name, action: action, given: action != fallback}
			if most <= 1 {
				one.args = append([]Arg(nil), call.Args...)
				sort.Slice(one.args, func(i, j int) bool { return one.args[i].Index < one.args[j].Index })
				list = append(list, one)
				continue
			}
			for _, arg := range call.Args {
				one.args = []Arg{arg}
				list = append(list, one)
			}
		}
	}
	return list, nil
}

// class is 0 for what is no operator. Rules with a higher class are asked first.
func (o Operator) class() int {
	switch o {
	case OpEqual, OpNotEqual, OpMaskedEqual:
		return 3
	case OpLess, OpLessEqual:
		return 2
	case OpGreater, OpGreaterEqual:
		return 1
	}
	return 0
}

// A test is an Arg as one machine compares it, by 32-bit words, the higher one first.
type test struct {
	index  uint
	op     Operator
	offset [2]uint32 // of the words in what the kernel hands to a program
	mask   [2]uint32
	value  [2]uint32
	words  int
}

// tests returns what is to be compared; always is whether that is nothing.
func (m *machine) tests(args []Arg) (list []test) {
	for _, arg := range args {
		mask, value := ^uint64(0), arg.Value
		if arg.Op == OpMaskedEqual {
			mask, value = arg.Value, arg.Value&arg.ValueTwo
		}
		low := uint32(dataArgs + 8*arg.Index)
		high := low + 4
		if m.big {
			low, high = high, low
		}
		one := test{index: arg.Index, op: arg.Op, words: m.words}
		if m.words == 1 {
			one.mask[0], one.value[0], one.offset[0] = uint32(mask), uint32(value), low
		} else {
			one.mask = [2]uint32{uint32(mask >> 32), uint32(mask)}
			one.value = [2]uint32{uint32(value >> 32), uint32(value)}
			one.offset = [2]uint32{high, low}
		}
		// No bit is compared: it is true.
		if one.mask != [2]uint32{} {
			list = append(list, one)
		}
	}
	return list
}

// begins tells whether the first of some tests are those others: what matches all matches the others.
func begins(tests, others []test) bool {
	if len(tests) < len(others) {
		return false
	}
	for i := range others {
		if tests[i] != others[i] {
			return false
		}
	}
	return true
}

// A word is one comparison of a test. Rules that begin with the same words stand together in libseccomp's order.
type word struct {
	offset uint32
	op     uint16
	class  int
	mask   uint32
	value  uint32
}

// words returns the comparisons of tests, in order.
func words(tests []test) (list []word) {
	for i := range tests {
		one := &tests[i]
		for at := 0; at < one.words; at++ {
			op := uint16(opJumpEqual)
			if one.op == OpMaskedEqual {
				op = opAnd
			} else if one.op.class() != 3 {
				op = opJumpGreater
				if at == one.words-1 && (one.op == OpGreaterEqual || one.op == OpLess) {
					op = opJumpGreaterEqual
				}
			}
			list = append(list, word{one.offset[at], op, one.op.class(), one.mask[at], one.value[at]})
		}
	}
	return list
}

// before tells whether libseccomp asks for a before b. It does not for equal words, and some that are not.
func (a word) before(b word) bool {
	if a.offset/8 != b.offset/8 {
		return a.offset > b.offset
	}
	if a.class != b.class {
		return a.class > b.class
	}
	return a.value != b.value && (a.value > b.value) == (a.class != 2)
}

// place returns where among the rules a rule with those tests belongs. The rules from first to last begin with
// as many of its words as have been looked at.
func place(rules []tested, tests []test) int {
	first, last := 0, len(rules)
	for depth, one := range words(tests) {
		at := first
		for at < last {
			known := words(rules[at].tests)
			if depth >= len(known) {
				at++
				continue
			}
			if known[depth] == one {
				break
			}
			if one.before(known[depth]) {
				return at
			}
			at++
		}
		if at == last {
			return last
		}
		first = at
		for at < last {
			if known := words(rules[at].tests); depth >= len(known) || known[depth] != one {
				break
			}
			at++
		}
		last = at
	}
	return last
}

// An outcome is what happens to a call: the action of the first of the rules that matches, or else action.
type outcome struct {
	action uint32
	rules  []tested
}

type tested struct {
	tests  []test
	action uint32
}

func (o *outcome) equals(other *outcome) bool {
	return o == other || (o.rules == nil && other.rules == nil && o.action == other.action)
}

// A section has the outcomes of all numbers of calls, for what the kernel sees as one machine.
type section struct {
	audit  uint32
	has    map[bool]bool   // whether it has x32, and anything else
	newest map[bool]uint32 // the highest number that the profile names; 0 for none
	calls  map[uint32]*outcome
	other  outcome // of calls without rules
	spans  []span
}

// A span is the outcome of the numbers from first to the next span.
type span struct {
	first   uint32
	outcome *outcome
}

func newSection(m *machine, fallback uint32) *section {
	return &section{audit: m.audit, has: map[bool]bool{}, newest: map[bool]uint32{}, calls: map[uint32]*outcome{}, other: outcome{action: fallback}}
}

// add adds the rules for one machine.
func (s *section) add(m *machine, rules []rule) {
	x32 := m.arch == ArchX32
	s.has[x32] = true
	for i := range rules {
		one := &rules[i]
		number, direct := m.number(one.name)
		leader, first, led := m.behind(one.name)
		// runc leaves out what can be behind another call.
		if direct && !led && number > s.newest[x32] {
			s.newest[x32] = number
		}
		if !one.given {
			continue
		}
		if led {
			args := []Arg{{Index: 0, Op: OpEqual, Value: uint64(first)}}
			for _, arg := range one.args {
				if arg.Index != 0 {
					args = append(args, arg)
				}
			}
			s.addRule(leader, m.tests(args), one.action)
		}
		if direct {
			s.addRule(number, m.tests(one.args), one.action)
		}
	}
}

func (s *section) addRule(number uint32, tests []test, action uint32) {
	known := s.calls[number]
	switch {
	case known != nil && known.rules == nil:
	case len(tests) == 0:
		s.calls[number] = &outcome{action: action}
	default:
		if known == nil {
			known = &outcome{action: s.other.action}
			s.calls[number] = known
		}
		for i := range known.rules {
			if begins(tests, known.rules[i].tests) {
				return
			}
		}
		at := place(known.rules, tests)
		known.rules = append(known.rules, tested{})
		copy(known.rules[at+1:], known.rules[at:])
		known.rules[at] = tested{tests, action}
	}
}

// finish makes the spans: of the calls, of those of an ABI that the profile does not have, and, with enosys, of those
// that are newer than the profile.
func (s *section) finish(enosys bool, newer uint32) {
	numbers := make([]uint32, 0, len(s.calls))
	for number := range s.calls {
		numbers = append(numbers, number)
	}
	sort.Slice(numbers, func(i, j int) bool { return numbers[i] < numbers[j] })
	s.spans = []span{{0, &s.other}}
	for _, number := range numbers {
		s.set(number, number, s.calls[number])
	}
	if s.audit == auditX86_64 {
		dead := &outcome{action: retKillThread}
		if !s.has[true] {
			// All but -1, by which a tracer leaves out a call.
			s.set(x32Bit, ^uint32(0)-1, dead)
		}
		if !s.has[false] {
			s.set(0, x32Bit-1, dead)
		}
	}
	if !enosys {
		return
	}
	unknown := &outcome{action: newer}
	for _, x32 := range []bool{false, true} {
		newest := s.newest[x32]
		if newest == 0 {
			continue
		}
		switch {
		case s.audit != auditX86_64:
			s.set(newest+1, ^uint32(0), unknown)
		case x32:
			s.set(newest+1, 2*x32Bit-1, unknown)
			s.set(3*x32Bit, ^uint32(0), unknown)
		default:
			s.set(newest+1, x32Bit-1, unknown)
			s.set(2*x32Bit, 3*x32Bit-1, unknown)
		}
	}
	// The kernel has this number for calls that s390 has no number for yet.
	if s.audit == auditS390 || s.audit == auditS390X {
		if s.newest[false] != 0 {
			s.set(0, 0, unknown)
		}
	}
}

// set gives all numbers from first to last an outcome.
func (s *section) set(first, last uint32, to *outcome) {
	var spans []span
	add := func(from uint32, outcome *outcome) {
		if len(spans) == 0 || !spans[len(spans)-1].outcome.equals(outcome) {
			spans = append(spans, span{from, outcome})
		}
	}
	var after *outcome
	i := 0
	for ; i < len(s.spans) && s.spans[i].first < first; i++ {
		add(s.spans[i].first, s.spans[i].outcome)
		after = s.spans[i].outcome
	}
	add(first, to)
	for ; i < len(s.spans) && s.spans[i].first <= last; i++ {
		after = s.spans[i].outcome
	}
	if last != ^uint32(0) {
		if i == len(s.spans) || s.spans[i].first != last+1 {
			add(last+1, after)
		}
		for ; i < len(s.spans); i++ {
			add(s.spans[i].first, s.spans[i].outcome)
		}
	}
	s.spans = spans
}
