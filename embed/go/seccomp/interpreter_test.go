package seccomp

import (
	"encoding/binary"
	"fmt"
)

// A syscallData is what the kernel hands to a filter (struct seccomp_data), in the byte order of the machine.
type syscallData struct {
	number uint32
	arch   uint32
	args   [6]uint64
}

func (d *syscallData) bytes(big bool) (data [64]byte) {
	order := byteOrder(big)
	order.PutUint32(data[0:], d.number)
	order.PutUint32(data[4:], d.arch)
	for i, arg := range d.args {
		order.PutUint64(data[16+8*i:], arg)
	}
	return data
}

func byteOrder(big bool) binary.ByteOrder {
	if big {
		return binary.BigEndian
	}
	return binary.LittleEndian
}

// verify checks what the kernel checks when it loads a program (bpf_check_classic, seccomp_check_filter).
func verify(program []Instruction) error {
	if len(program) == 0 || len(program) > 4096 {
		return fmt.Errorf("%d instructions", len(program))
	}
	for i, one := range program {
		left := uint32(len(program) - i - 1)
		switch one.Op {
		case 0x20: // load a word
			if one.K%4 != 0 || one.K >= 64 {
				return fmt.Errorf("%d loads from %d", i, one.K)
			}
		case 0x05: // jump
			if one.K >= left {
				return fmt.Errorf("%d jumps behind the end", i)
			}
		case 0x15, 0x25, 0x35, 0x45: // ==, >, >=, &
			if uint32(one.Jt) >= left || uint32(one.Jf) >= left {
				return fmt.Errorf("%d jumps behind the end", i)
			}
		case 0x54, 0x06: // and, return
		default:
			return fmt.Errorf("%d has the opcode %#x", i, one.Op)
		}
	}
	if last := program[len(program)-1]; last.Op != 0x06 {
		return fmt.Errorf("the last is %#x", last.Op)
	}
	return nil
}

// interpret runs a verified program.
func interpret(program []Instruction, data *[64]byte, big bool) uint32 {
	order := byteOrder(big)
	accumulator := uint32(0)
	for at := 0; ; at++ {
		one := &program[at]
		jump := false
		switch one.Op {
		case 0x20:
			accumulator = order.Uint32(data[one.K:])
			continue
		case 0x54:
			accumulator &= one.K
			continue
		case 0x05:
			at += int(one.K)
			continue
		case 0x06:
			return one.K
		case 0x15:
			jump = accumulator == one.K
		case 0x25:
			jump = accumulator > one.K
		case 0x35:
			jump = accumulator >= one.K
		case 0x45:
			jump = accumulator&one.K != 0
		}
		if jump {
			at += int(one.Jt)
		} else {
			at += int(one.Jf)
		}
	}
}
