package seccomp

// Opcodes of classic BPF (linux/bpf_common.h): a load, an AND and jumps, all with a constant, and the end.
const (
	opLoad             = 0x20
	opAnd              = 0x54
	opJump             = 0x05
	opJumpEqual        = 0x15
	opJumpGreater      = 0x25
	opJumpGreaterEqual = 0x35
	opReturn           = 0x06
)

// Offsets in struct seccomp_data (linux/seccomp.h).
const (
	dataNumber = 0
	dataArch   = 4
	dataArgs   = 16

	longestJump = 255 // of a conditional one
)

func load(offset uint32) Instruction   { return Instruction{opLoad, 0, 0, offset} }
func answer(action uint32) Instruction { return Instruction{opReturn, 0, 0, action} }

// code is the section's part of the program.
func (s *section) code() []Instruction {
	return append([]Instruction{load(dataNumber)}, search(s.spans)...)
}

// search is a binary search for the number, which is loaded.
func search(spans []span) []Instruction {
	if len(spans) == 1 {
		return spans[0].outcome.code()
	}
	middle := len(spans) / 2
	lower, upper := search(spans[:middle]), search(spans[middle:])
	code := []Instruction{{opJumpGreaterEqual, uint8(len(lower)), 0, spans[middle].first}}
	if len(lower) > longestJump {
		code = []Instruction{{opJumpGreaterEqual, 0, 1, spans[middle].first}, {opJump, 0, 0, uint32(len(lower))}}
	}
	return append(append(code, lower...), upper...)
}

func (o *outcome) code() (code []Instruction) {
	for i := range o.rules {
		code = append(code, o.rules[i].code()...)
	}
	return append(code, answer(o.action))
}

// A target is where a jump of a test leads.
type target int

const (
	on  target = iota // to the next instruction
	yes               // the test is true: behind the test
	no                // it is false: behind the rule
)

// A step is an instruction whose jumps are not yet known.
type step struct {
	op     uint16
	k      uint32
	jt, jf target
}

// code answers with the action if all tests are true, and else goes on behind itself.
func (r *tested) code() []Instruction {
	var steps []step
	var ends []int // of the test that a step belongs to
	for i := range r.tests {
		added := r.tests[i].steps()
		steps = append(steps, added...)
		for range added {
			ends = append(ends, len(steps))
		}
	}
	code := make([]Instruction, 0, len(steps)+1)
	for i, one := range steps {
		distance := map[target]int{on: 0, yes: ends[i] - i - 1, no: len(steps) - i}
		code = append(code, Instruction{one.op, uint8(distance[one.jt]), uint8(distance[one.jf]), one.k})
	}
	return append(code, answer(r.action))
}

// steps compares the words of an argument, the higher one first. On a 32-bit machine there is one.
func (t *test) steps() (steps []step) {
	jump := func(word int, op uint16, jt, jf target) {
		steps = append(steps, step{op, t.value[word], jt, jf})
	}
	last := t.words - 1
	for word := 0; word <= last; word++ {
		if t.mask[word] == 0 {
			continue
		}
		steps = append(steps, step{op: opLoad, k: t.offset[word]})
		higher := word < last
		switch t.op {
		case OpEqual:
			jump(word, opJumpEqual, on, no)
		case OpMaskedEqual:
			if t.mask[word] != ^uint32(0) {
				steps = append(steps, step{op: opAnd, k: t.mask[word]})
			}
			jump(word, opJumpEqual, on, no)
		case OpNotEqual:
			if higher {
				jump(word, opJumpEqual, on, yes)
			} else {
				jump(word, opJumpEqual, no, yes)
			}
		case OpGreater, OpGreaterEqual:
			if higher {
				jump(word, opJumpGreater, yes, on)
				jump(word, opJumpEqual, on, no)
			} else if t.op == OpGreater {
				jump(word, opJumpGreater, yes, no)
			} else {
				jump(word, opJumpGreaterEqual, yes, no)
			}
		case OpLess, OpLessEqual:
			if higher {
				jump(word, opJumpGreater, no, on)
				jump(word, opJumpEqual, on, yes)
			} else if t.op == OpLess {
				jump(word, opJumpGreaterEqual, no, yes)
			} else {
				jump(word, opJumpGreater, no, yes)
			}
		}
	}
	return steps
}
