// Package build builds Go programs outside of the project's tree with the installed module.
package build

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/nsexec-stub/nsexec-stub/embed/go/parent"
)

const (
	modulePath = "github.com/nsexec-stub/nsexec-stub/embed/go"
	version    = "v0.1.0"
	withStub   = "-ldflags=-E nsexec_go_start"
)

// moduleDirectory is the module as `make install` installs it.
var moduleDirectory = os.Getenv("NSEXEC_GO_MODULE")

// program prints what the tests check. It imports little, because all of it must be compiled for
// each machine.
const program = `package main

import (
	"os"
	"strconv"

	"github.com/nsexec-stub/nsexec-stub/embed/go/nsenter"
)

func main() {
	os.Stdout.WriteString("entered " + strconv.FormatBool(nsenter.Entered()) +
		" init " + strconv.FormatBool(nsenter.IsInit()) + " pid " + strconv.Itoa(os.Getpid()) + "\n")
}
`

// outside returns the directory of a new program that requires the module.
func outside(t *testing.T, files map[string]string) string {
	t.Helper()
	directory := t.TempDir()
	if files["go.mod"] == "" {
		write(t, filepath.Join(directory, "go.mod"), fmt.Sprintf(
			"module outside\n\ngo 1.19\n\nrequire %s v0.0.0\n\nreplace %s => %s\n", modulePath, modulePath, moduleDirectory))
	}
	if files["main.go"] == "" {
		write(t, filepath.Join(directory, "main.go"), program)
	}
	for name, text := range files {
		write(t, filepath.Join(directory, name), text)
	}
	return directory
}

func write(t *testing.T, path, text string) {
	t.Helper()
	os.MkdirAll(filepath.Dir(path), 0o755)
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// run runs a command with additional variables and returns its output.
func run(directory string, variables []string, command ...string) (string, error) {
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Dir = directory
	cmd.Env = append(os.Environ(), variables...)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func mustRun(t *testing.T, directory string, variables []string, command ...string) string {
	t.Helper()
	out, err := run(directory, variables, command...)
	if err != nil {
		t.Fatalf("%v: %v\n%s", command, err, out)
	}
	return out
}

// build builds the program in the directory and returns its path.
func build(t *testing.T, directory string, variables []string, flags ...string) string {
	t.Helper()
	path := filepath.Join(directory, "built")
	mustRun(t, directory, variables, append(append([]string{goFor(t, variables), "build", "-o", path}, flags...), ".")...)
	return path
}

// unpacked is where `make cross-go`, `make cross-compiler` and the rig put what this release does not have.
var unpacked, _ = filepath.Abs("../../build")

// goFor returns the Go command that links for the machine of these variables. Without one, the test is skipped.
func goFor(t *testing.T, variables []string) string {
	t.Helper()
	var present int
	fmt.Sscanf(runtime.Version(), "go1.%d", &present)
	for _, variable := range variables {
		if variable == "GOARCH=loong64" && present < 20 {
			newer := filepath.Join(unpacked, "go/usr/bin/go")
			if _, err := os.Stat(newer); err != nil {
				t.Skip(runtime.Version(), "does not link for loong64; make cross-go ARCH=loongarch64 fetches a newer one")
			}
			return newer
		}
	}
	return "go"
}

// expectStub runs a program by hand and as an init and checks that the stub runs.
func expectStub(t *testing.T, path string) {
	t.Helper()
	if out := mustRun(t, "/", nil, path); !strings.HasPrefix(out, "entered true init false") {
		t.Error(out)
	}
	out, err := run("/", []string{"_LIBCONTAINER_INITPIPE=three"}, path)
	if err == nil || !strings.Contains(out, "_LIBCONTAINER_INITPIPE=three: not a decimal int") {
		t.Error("the stub does not check the variable:", out, err)
	}
	if os.Getuid() != 0 {
		return
	}
	cmd := parent.Command(path)
	cmd.Message.CloneFlags = syscall.CLONE_NEWPID | syscall.CLONE_NEWNET
	text, err := cmd.CombinedOutput()
	if err != nil || string(text) != "entered true init true pid 1\n" {
		t.Errorf("%q, %v", text, err)
	}
}

func TestBuildsWithAReplaceDirective(t *testing.T) {
	expectStub(t, build(t, outside(t, nil), nil, withStub))
}

func TestBuildsFromAVendorDirectory(t *testing.T) {
	directory := outside(t, nil)
	mustRun(t, directory, nil, "go", "mod", "vendor")
	// With a vendor directory the module itself is not needed any more.
	write(t, filepath.Join(directory, "go.mod"), fmt.Sprintf(
		"module outside\n\ngo 1.19\n\nrequire %s v0.0.0\n\nreplace %s => /nowhere\n", modulePath, modulePath))
	modules, err := os.ReadFile(filepath.Join(directory, "vendor/modules.txt"))
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(directory, "vendor/modules.txt"),
		strings.ReplaceAll(string(modules), moduleDirectory, "/nowhere"))
	for _, goarch := range []string{runtime.GOARCH, "386", "arm", "arm64", "ppc64le", "riscv64", "s390x", "amd64"} {
		path := build(t, directory, []string{"GOFLAGS=-mod=vendor", "GOARCH=" + goarch}, withStub)
		if err := parent.CheckStub(path); err != nil {
			t.Error(goarch, err)
		}
		if goarch == runtime.GOARCH {
			expectStub(t, path)
		}
	}
}

// proxy returns a directory with the module in the form that a module proxy serves (go help
// goproxy).
func proxy(t *testing.T) string {
	t.Helper()
	directory := t.TempDir()
	versions := filepath.Join(directory, modulePath, "@v")
	write(t, filepath.Join(versions, "list"), version+"\n")
	write(t, filepath.Join(versions, version+".info"), `{"Version":"`+version+`","Time":"2024-01-01T00:00:00Z"}`)
	mod, err := os.ReadFile(filepath.Join(moduleDirectory, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(versions, version+".mod"), string(mod))
	archive, err := os.Create(filepath.Join(versions, version+".zip"))
	if err != nil {
		t.Fatal(err)
	}
	defer archive.Close()
	writer := zip.NewWriter(archive)
	defer writer.Close()
	err = filepath.WalkDir(moduleDirectory, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		name, _ := filepath.Rel(moduleDirectory, path)
		file, err := writer.Create(modulePath + "@" + version + "/" + name)
		if err != nil {
			return err
		}
		text, err := os.ReadFile(path)
		if err == nil {
			_, err = file.Write(text)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return directory
}

func TestCanBeDownloadedFromAProxy(t *testing.T) {
	directory := outside(t, map[string]string{"go.mod": "module outside\n\ngo 1.19\n"})
	cache := t.TempDir()
	variables := []string{"GOPROXY=file://" + proxy(t), "GOPATH=" + cache, "GOFLAGS=-modcacherw"}
	mustRun(t, directory, variables, "go", "get", modulePath+"@latest")
	if text, _ := os.ReadFile(filepath.Join(directory, "go.mod")); !strings.Contains(string(text), modulePath+" "+version) {
		t.Error(string(text))
	}
	expectStub(t, build(t, directory, variables, withStub))
}

func TestBuildsForEveryMachine(t *testing.T) {
	directory := outside(t, nil)
	for _, goarch := range []string{"386", "amd64", "arm", "arm64", "loong64", "ppc64le", "riscv64", "s390x"} {
		t.Run(goarch, func(t *testing.T) {
			variants := [][]string{{withStub}, {"-ldflags=-s -w -E nsexec_go_start"}}
			if goarch == runtime.GOARCH {
				variants = append(variants, []string{withStub, "-trimpath"})
			}
			for _, flags := range variants {
				path := build(t, directory, []string{"GOARCH=" + goarch}, flags...)
				if err := parent.CheckStub(path); err != nil {
					t.Error(flags, err)
				}
			}
			path := build(t, directory, []string{"GOARCH=" + goarch})
			if err := parent.CheckStub(path); !errors.Is(err, parent.ErrNoStub) {
				t.Errorf("without the flag: %v", err)
			}
		})
	}
}

// compilers are the C compilers for each machine.
var compilers = map[string]string{"amd64": "x86_64-linux-gnu-gcc", "arm64": "aarch64-linux-gnu-gcc",
	"loong64": "loongarch64-linux-gnu-gcc", "ppc64le": "powerpc64le-linux-gnu-gcc", "riscv64": "riscv64-linux-gnu-gcc", "s390x": "s390x-linux-gnu-gcc"}

// emulators run programs of other machines. What the programs print is enough to see that the stub
// runs.
var emulators = map[string][]string{
	"arm64":   {"qemu-aarch64", "-L", "/usr/aarch64-linux-gnu"},
	"loong64": {loongEmulator(), "-L", unpacked + "/cross/loongarch64-linux-gnu/usr/loongarch64-linux-gnu"},
	"ppc64le": {"qemu-ppc64le", "-L", "/usr/powerpc64le-linux-gnu"},
	"riscv64": {"qemu-riscv64", "-L", "/usr/riscv64-linux-gnu"},
	"s390x":   {"qemu-s390x", "-L", "/usr/s390x-linux-gnu"},
}

// loongEmulator prefers the emulator that the rig has fetched. QEMU 7.2 lacks instructions that programs use.
func loongEmulator() string {
	if fetched := filepath.Join(unpacked, "qemu/usr/bin/qemu-loongarch64"); exec.Command(fetched, "--version").Run() == nil {
		return fetched
	}
	return "qemu-loongarch64"
}

const withC = `package main

// static int answer(void) { return 42; }
import "C"

func init() { println(C.answer()) }
`

func TestRunsOnEveryMachineHoweverItIsLinked(t *testing.T) {
	for goarch, compiler := range compilers {
		t.Run(goarch, func(t *testing.T) {
			var emulator []string
			if goarch != runtime.GOARCH {
				if emulator = emulators[goarch]; emulator == nil {
					t.Skip("there is no emulator for this machine")
				}
				if _, err := exec.LookPath(emulator[0]); err != nil {
					t.Skip(err)
				}
			}
			if _, err := exec.LookPath(compiler); err != nil {
				t.Skip(err)
			}
			for name, one := range map[string]struct {
				files     map[string]string
				variables []string
				flags     []string
				entered   bool
			}{
				"Go's linker":        {nil, []string{"CGO_ENABLED=0"}, []string{withStub}, true},
				"forgotten":          {nil, []string{"CGO_ENABLED=0"}, nil, false},
				"cgo":                {map[string]string{"c.go": withC}, []string{"CGO_ENABLED=1", "CC=" + compiler}, []string{withStub}, true},
				"cgo without a flag": {map[string]string{"c.go": withC}, []string{"CGO_ENABLED=1", "CC=" + compiler}, nil, true},
				"cgo, PIE": {map[string]string{"c.go": withC}, []string{"CGO_ENABLED=1", "CC=" + compiler},
					[]string{"-buildmode=pie"}, true},
				"cgo, static": {map[string]string{"c.go": withC}, []string{"CGO_ENABLED=1", "CC=" + compiler},
					[]string{"-ldflags=-extldflags=-static"}, true},
			} {
				if name == "cgo, PIE" && goarch != runtime.GOARCH {
					continue // Go's whole library would be compiled again
				}
				path := build(t, outside(t, one.files), append(one.variables, "GOARCH="+goarch), one.flags...)
				if err := parent.CheckStub(path); (err == nil) != one.entered {
					t.Errorf("%s: CheckStub: %v", name, err)
				}
				command := append(append([]string{}, emulator...), path)
				out := mustRun(t, "/", nil, command...)
				if !strings.Contains(out, fmt.Sprintf("entered %v ", one.entered)) {
					t.Errorf("%s: %s", name, out)
				}
				out, err := run("/", []string{"_LIBCONTAINER_INITPIPE=three"}, command...)
				want := "not a decimal int"
				if !one.entered {
					want = "was started as a container's init, but the stub did not run before it"
				}
				if err == nil || !strings.Contains(out, want) || strings.Contains(out, "entered") {
					t.Errorf("%s as an init: %s, %v", name, out, err)
				}
			}
		})
	}
}

// Checks the programs of embed/ in the other languages, too.
func TestFindsTheStubInProgramsOfAllLanguages(t *testing.T) {
	programs, _ := filepath.Glob(filepath.Join(os.Getenv("NSEXEC_BUILD"), "tests/embed-*"))
	programs = append(programs, filepath.Join(os.Getenv("NSEXEC_BUILD"), "nsexec-true"))
	for _, program := range programs {
		if _, err := os.Stat(program); err != nil || strings.HasSuffix(program, ".debug") {
			continue
		}
		err := parent.CheckStub(program)
		// In a C program without the flag the library's constructor runs the stub.
		if strings.HasSuffix(program, "go-forgotten") {
			if !errors.Is(err, parent.ErrNoStub) {
				t.Error(program, err)
			}
		} else if err != nil {
			t.Error(err)
		}
	}
}

func TestBuildsWhereThereIsNoStub(t *testing.T) {
	all := outside(t, map[string]string{"join.go": `package main

import (
	_ "github.com/nsexec-stub/nsexec-stub/embed/go/join"
	_ "github.com/nsexec-stub/nsexec-stub/embed/go/parent"
	_ "github.com/nsexec-stub/nsexec-stub/embed/go/seccomp"
)
`})
	little := outside(t, nil)
	for one, directory := range map[string]string{"linux/mips64": all, "darwin/arm64": all, "linux/mips64le": little,
		"windows/amd64": little} {
		goos, goarch, _ := strings.Cut(one, "/")
		build(t, directory, []string{"GOOS=" + goos, "GOARCH=" + goarch})
	}
}

// expectNoStub runs a program of a machine for which the module has no stub.
func expectNoStub(t *testing.T, path string) {
	t.Helper()
	out, err := run("/", nil, path)
	if errors.Is(err, syscall.ENOEXEC) {
		return // this kernel does not run 32-bit programs
	}
	if err != nil || !strings.HasPrefix(out, "entered false init false") {
		t.Error(out, err)
	}
	out, err = run("/", []string{"_LIBCONTAINER_INITPIPE=3"}, path)
	if err == nil || !strings.Contains(out, "there is no stub for this machine") {
		t.Error(out, err)
	}
}

// If the build machine lacks some compilers, the module has the stub only for some machines.
func TestAModuleWithSomeStubsBuildsForAllMachines(t *testing.T) {
	some := filepath.Join(t.TempDir(), "module")
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	arch := filepath.Base(os.Getenv("NSEXEC_BUILD"))
	mustRun(t, root, []string{"GO_MACHINES=" + arch}, "install/go-module", "make", arch, some)
	directory := outside(t, map[string]string{"go.mod": fmt.Sprintf(
		"module outside\n\ngo 1.19\n\nrequire %s v0.0.0\n\nreplace %s => %s\n", modulePath, modulePath, some)})
	for _, goarch := range []string{"386", "amd64", "arm", "arm64", "ppc64le", "s390x", "riscv64", "mips64"} {
		flags := []string{}
		if goarch == runtime.GOARCH {
			flags = append(flags, withStub)
		}
		path := build(t, directory, []string{"GOARCH=" + goarch}, flags...)
		if goarch == runtime.GOARCH {
			expectStub(t, path)
		} else if goarch == "386" && runtime.GOARCH == "amd64" {
			expectNoStub(t, path)
		}
	}
}

func TestAProgramBuiltWithoutTheFlagNeverRunsOnTheHost(t *testing.T) {
	made := filepath.Join(t.TempDir(), "made")
	path := build(t, outside(t, map[string]string{"main.go": strings.Replace(program, "func main() {",
		"func main() {\n\tos.WriteFile("+fmt.Sprintf("%q", made)+", nil, 0o600)", 1)}), nil)
	if out := mustRun(t, "/", nil, path); !strings.HasPrefix(out, "entered false") {
		t.Error(out)
	}
	os.Remove(made)
	// Package parent refuses to start it.
	cmd := parent.Command(path)
	if err := cmd.Start(); !errors.Is(err, parent.ErrNoStub) || !strings.Contains(err.Error(), "-E nsexec_go_start") {
		t.Error(err)
	}
	// Other parents start it, and it ends before main.
	cmd = parent.Command(path)
	cmd.Unchecked = true
	var text bytes.Buffer
	cmd.Stderr = &text
	if err := cmd.Start(); err == nil || !strings.Contains(text.String(), "-E nsexec_go_start") {
		t.Error(err, text.String())
	}
	if _, err := os.Stat(made); err == nil {
		t.Error("the program has run on the host")
	}
}

// With Go 1.21 and later the check runs before the init functions of all packages that can touch
// files. With older versions the order of the imports decides.
func TestTheCheckRunsBeforeOtherPackages(t *testing.T) {
	early := "package early\n\nimport \"os\"\n\nfunc init() { os.Stdout.WriteString(\"early has run\") }\n"
	stub := "_ \"github.com/nsexec-stub/nsexec-stub/embed/go/nsenter\"\n"
	other := "_ \"outside/aaa/early\"\n"
	orders := [][]string{{stub, other}, {other, stub}}
	var minor int
	if fmt.Sscanf(runtime.Version(), "go1.%d", &minor); minor < 21 {
		orders = orders[:1]
	}
	for _, order := range orders {
		path := build(t, outside(t, map[string]string{"aaa/early/early.go": early,
			"main.go": "package main\n\nimport (\n" + strings.Join(order, "\n") + ")\n\nfunc main() {}\n"}), nil)
		if out := mustRun(t, "/", nil, path); out != "early has run" {
			t.Error(out)
		}
		out, err := run("/", []string{"_LIBCONTAINER_INITPIPE=3"}, path)
		if err == nil || strings.Contains(out, "early") || !strings.Contains(out, "-E nsexec_go_start") {
			t.Error(order, out, err)
		}
	}
}

// A parent of runc 1.1 waits for a byte before it sends the message. The pid line of 2019 has
// another form.
func TestTagsSelectTheDialectHoweverItIsLinked(t *testing.T) {
	files := map[string]string{"c.go": withC}
	for tag, want := range map[string]string{"nsexec_runc_1_1": "\x00", "nsexec_runc_1_0": "\x00",
		"nsexec_runc_2019": "", "nsexec_any": ""} {
		for name, path := range map[string]string{
			"Go's linker": build(t, outside(t, nil), nil, withStub, "-tags="+tag),
			"cgo":         build(t, outside(t, files), []string{"CGO_ENABLED=1"}, "-tags="+tag),
		} {
			ends, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
			if err != nil {
				t.Fatal(err)
			}
			syscall.SetNonblock(ends[0], true)
			ours, theirs := os.NewFile(uintptr(ends[0]), "ours"), os.NewFile(uintptr(ends[1]), "theirs")
			cmd := exec.Command(path)
			cmd.ExtraFiles = []*os.File{theirs}
			cmd.Env = append(os.Environ(), "_LIBCONTAINER_INITPIPE=3")
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			theirs.Close()
			message, _ := (&parent.Message{}).Encode()
			if want != "" {
				ours.SetReadDeadline(time.Now().Add(20 * time.Second))
				one := make([]byte, 1)
				if _, err := ours.Read(one); err != nil || string(one) != want {
					t.Errorf("%s, %s: %q, %v", tag, name, one, err)
				}
			}
			ours.Write(message)
			ours.SetReadDeadline(time.Now().Add(20 * time.Second))
			line := make([]byte, 100)
			size, err := ours.Read(line)
			key := `"stage1_pid"`
			if tag == "nsexec_runc_2019" {
				key = `"pid_first"`
			}
			if err != nil || !strings.Contains(string(line[:size]), key) {
				t.Errorf("%s, %s: %q, %v", tag, name, line[:size], err)
			}
			if err := cmd.Wait(); err != nil {
				t.Errorf("%s, %s: %v", tag, name, err)
			}
			ours.Close()
		}
	}
}

// Does what a cgo program like runc does: its C function is replaced by the library's function of
// the same name.
func TestConstructorModeReplacesAnInitsCFunction(t *testing.T) {
	library := filepath.Join(os.Getenv("NSEXEC_BUILD"), "libnsexec.a")
	if _, err := os.Stat(library); err != nil {
		t.Fatal(err)
	}
	main := `package main

/*
#cgo LDFLAGS: ` + library + `
extern void nsexec(void);
void __attribute__((constructor)) first(void) { nsexec(); }
*/
import "C"

import (
	"fmt"
	"os"
)

func main() { fmt.Println("entered true init", os.Getenv("_LIBCONTAINER_INITPIPE") != "", "pid", os.Getpid()) }
`
	directory := outside(t, map[string]string{"main.go": main, "go.mod": "module outside\n\ngo 1.19\n"})
	variables := []string{"CGO_ENABLED=1", "CGO_LDFLAGS_ALLOW=.*"}
	for _, flags := range [][]string{nil, {"-race"}, {"-buildmode=pie"}, {"-ldflags=-extldflags=-static"}} {
		if runtime.GOARCH == "s390x" && len(flags) > 0 && flags[0] == "-race" {
			continue
		}
		path := build(t, directory, variables, flags...)
		if err := parent.CheckStub(path); err != nil {
			t.Error(flags, err)
		}
		expectStub(t, path)
	}
}

// A shared library has no entry point, so it cannot be an init.
func TestASharedLibraryIsRefused(t *testing.T) {
	directory := outside(t, nil)
	out, err := run(directory, []string{"CGO_ENABLED=1"}, "go", "build", "-buildmode=c-shared", "-o", "library.so", ".")
	if err == nil || !strings.Contains(out, "preinit_array") {
		t.Error(out, err)
	}
}

func TestSourcesAreFormattedAndVetted(t *testing.T) {
	for _, directory := range []string{"../../embed/go", "."} {
		if out := mustRun(t, directory, nil, "gofmt", "-l", "."); out != "" {
			t.Error("not formatted:", out)
		}
		mustRun(t, directory, nil, "go", "vet", "./...")
	}
	for _, goarch := range []string{"386", "arm", "arm64", "loong64", "ppc64le", "riscv64", "s390x"} { // checks the assembly
		mustRun(t, "../../embed/go", []string{"GOARCH=" + goarch}, "go", "vet", "./nsenter")
	}
}

func TestTheModuleHasExactlyTheFilesItNeeds(t *testing.T) {
	objects := 0
	err := filepath.WalkDir(moduleDirectory, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		switch extension := filepath.Ext(path); extension {
		case ".go", ".s", ".mod", ".md", "":
		case ".syso":
			objects++
			file, err := os.Open(path)
			if err != nil {
				return err
			}
			defer file.Close()
			text, _ := io.ReadAll(file)
			if bytes.Contains(text, []byte("/build/")) || bytes.Contains(text, []byte(filepath.Dir(moduleDirectory))) {
				t.Error(path, "contains a path of the build machine")
			}
		default:
			if filepath.Base(filepath.Dir(path)) != "testdata" {
				t.Error(path)
			}
		}
		return nil
	})
	// The machines whose compiler was there. `make test` has at least these four.
	entries, _ := filepath.Glob(filepath.Join(moduleDirectory, "nsenter/entry_linux_*.s"))
	const fewest, dialects = 4, 4
	if machines := len(entries); err != nil || machines < fewest || objects != machines*(1+dialects) {
		t.Error(machines, objects, err)
	}
}
