//go:build linux

package parent

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"syscall"
)

// If the stub is the entry point, entryMark is behind its first instructions (arch/*/entry.S,
// nsenter/entry_linux_*.s). If the C library calls the stub, the program has a note whose owner is
// constructorMark (stub/constructor_note.h). It is there only if the linker has linked the constructor.
//
// The marks are put together at run time. Otherwise this program itself would seem to have the
// stub.
var (
	entryMark       = mark("here")
	constructorMark = append(mark("init"), 0)
)

func mark(last string) []byte { return append([]byte("nsexec"+" "+"stub"+" "), last...) }

const (
	entrySize = 512     // more than the entry point's code, on any machine
	notesSize = 1 << 20 // more than all notes of a program
	noteType  = 1
)

// CheckStub returns nil if the executable has the stub in front, and otherwise an error that wraps
// ErrNoStub. It looks for the marks of this project's stub, and does not know other
// implementations. It detects a program that was built wrongly, but not one that has a false mark.
func CheckStub(path string) error {
	// Without O_NONBLOCK, opening a FIFO would block.
	file, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return err
	}
	defer file.Close()
	noStub := func(why string) error {
		return fmt.Errorf("nsenter/parent: %s: %w: %s", path, ErrNoStub, why)
	}
	program, err := elf.NewFile(file)
	if err != nil {
		return noStub("it is not an ELF executable")
	}
	for _, segment := range program.Progs {
		has := hasEntryMark
		if segment.Type == elf.PT_NOTE {
			has = hasConstructorNote
		} else if segment.Type != elf.PT_LOAD {
			continue
		}
		if found, err := has(program, segment); err != nil || found {
			return err
		}
	}
	return noStub("it was linked without the stub's entry point (Go: -ldflags \"-E nsexec_go_start\"; " +
		"C: -Wl,-e,nsexec_start)")
}

func hasEntryMark(program *elf.File, segment *elf.Prog) (bool, error) {
	if program.Entry < segment.Vaddr || program.Entry-segment.Vaddr >= segment.Filesz {
		return false, nil
	}
	code := make([]byte, entrySize)
	size, err := segment.ReadAt(code, int64(program.Entry-segment.Vaddr))
	if err != nil && err != io.EOF {
		return false, err
	}
	return bytes.Contains(code[:size], entryMark), nil
}

func hasConstructorNote(program *elf.File, segment *elf.Prog) (bool, error) {
	notes, err := io.ReadAll(io.LimitReader(segment.Open(), notesSize))
	return err == nil && isConstructorNoteIn(notes, program.ByteOrder), err
}

// isConstructorNoteIn searches the notes: elf(5), "Notes (Nhdr)". Each consists of a header, a name and a
// description, padded to 4 bytes.
func isConstructorNoteIn(notes []byte, order binary.ByteOrder) bool {
	const header = 12
	padded := func(size uint32) uint64 { return (uint64(size) + 3) &^ 3 }
	for len(notes) >= header {
		name, description, kind := order.Uint32(notes), order.Uint32(notes[4:]), order.Uint32(notes[8:])
		if kind == noteType && int64(name) == int64(len(constructorMark)) &&
			bytes.HasPrefix(notes[header:], constructorMark) {
			return true
		}
		next := header + padded(name) + padded(description)
		if next > uint64(len(notes)) {
			return false
		}
		notes = notes[next:]
	}
	return false
}
