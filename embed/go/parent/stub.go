//go:build linux

package parent

import (
	"bytes"
	"debug/elf"
	"fmt"
	"io"
	"os"
)

// Where the stub is the entry point, entryMark lies behind its first instructions (arch/*/entry.S,
// nsenter/entry_linux_*.s). Where the C library calls it, constructorMark is in the program
// (stub/constructor.cpp), which holds it only if its linker has linked the constructor.
//
// The parts are put together at run time: otherwise this program itself would seem to have the stub.
var (
	entryMark       = mark("here")
	constructorMark = mark("init")
)

func mark(last string) []byte { return append([]byte("nsexec"+" "+"stub"+" "), last...) }

// entrySize is more than the entry point's code, on any machine.
const entrySize = 512

// CheckStub returns nil if the executable has the stub in front, and an error that wraps ErrNoStub if it
// has not. It looks for the marks of this project's stub, and does not know other implementations. It
// guards against a program that was built wrongly, not against one that wants to be mistaken.
func CheckStub(path string) error {
	file, err := os.Open(path)
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
		if segment.Type != elf.PT_LOAD || program.Entry < segment.Vaddr ||
			program.Entry >= segment.Vaddr+segment.Filesz {
			continue
		}
		code := make([]byte, entrySize)
		size, err := segment.ReadAt(code, int64(program.Entry-segment.Vaddr))
		if err != nil && err != io.EOF {
			return err
		}
		if bytes.Contains(code[:size], entryMark) {
			return nil
		}
	}
	found, err := contains(io.NewSectionReader(file, 0, 1<<62), constructorMark)
	if err != nil {
		return err
	}
	if found {
		return nil
	}
	return noStub("it was linked without the stub's entry point (Go: -ldflags \"-E nsexec_go_start\"; " +
		"C: -Wl,-e,nsexec_start)")
}

// contains reports whether what is read contains the text.
func contains(from io.Reader, text []byte) (bool, error) {
	chunk := make([]byte, 1<<20)
	kept := 0 // what may be the beginning of the text, from the chunk before
	for {
		size, err := io.ReadFull(from, chunk[kept:])
		if bytes.Contains(chunk[:kept+size], text) {
			return true, nil
		}
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		kept = copy(chunk, chunk[kept+size-len(text)+1:kept+size])
	}
}
