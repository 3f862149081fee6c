//go:build linux

package parent

import (
	"bytes"
	"debug/elf"
	"fmt"
	"io"
	"os"
)

// If the stub is the entry point, entryMark is behind its first instructions (arch/*/entry.S,
// nsenter/entry_linux_*.s). If the C library calls the stub, constructorMark is in the program
// (stub/constructor.cpp). It is there only if the linker has linked the constructor.
//
// The marks are put together at run time. Otherwise this program itself would seem to have the
// stub.
var (
	entryMark       = mark("here")
	constructorMark = mark("init")
)

func mark(last string) []byte { return append([]byte("nsexec"+" "+"stub"+" "), last...) }

// entrySize is more than the size of the entry point's code on any machine.
const entrySize = 512

// CheckStub returns nil if the executable has the stub in front, and otherwise an error that wraps
// ErrNoStub. It looks for the marks of this project's stub, and does not know other
// implementations. It detects a program that was built wrongly, but not one that has a false mark.
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

// contains reports whether the data from a reader contains the text.
func contains(from io.Reader, text []byte) (bool, error) {
	chunk := make([]byte, 1<<20)
	kept := 0 // the end of the chunk before, which may be the beginning of the text
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
