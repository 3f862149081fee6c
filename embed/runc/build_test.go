package main

import (
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// NSEXEC_BUILD is build/ARCH, with libnsexec.a; the Go module beside this directory has its objects.
func builds(t *testing.T) options {
	t.Helper()
	build := os.Getenv("NSEXEC_BUILD")
	if build == "" {
		t.Skip("NSEXEC_BUILD is not set: make test-runc does that")
	}
	return options{stub: "../go", own: ".", machine: runtime.GOARCH, library: build + "/libnsexec.a",
		include: "../../stub", output: filepath.Join(t.TempDir(), "runc")}
}

// small is a source that has what runc has where the builder looks: packages with C code, and an import from outside.
var small = map[string]string{
	"go.mod": "module github.com/opencontainers/runc\n\ngo 1.16\n\nrequire (\n\texample.com/one v1.2.3\n\texample.com/one/v2 v2.0.0\n)\n",
	"main.go": `package main

import (
	"os"

	"example.com/one"
	two "example.com/one/v2"
	_ "github.com/opencontainers/runc/libcontainer/nsenter"
)

var version = "unknown"

func main() { os.Stdout.WriteString(one.Word + two.Word + version + "\n") }
`,
	"VERSION": "1.1.99\n",
	"main_test.go": `package main

import (
	"os/exec"
	"strings"
	"testing"
)

func TestIsBehindTheStub(t *testing.T) {
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = []string{"_LIBCONTAINER_INITPIPE=x"}
	if out, err := cmd.CombinedOutput(); err == nil || !strings.Contains(string(out), "not a decimal int") {
		t.Errorf("%q, %v", out, err)
	}
}
`,
	"plain/plain.go":                "package plain\n",
	"plain/plain_test.go":           "package plain\n\nimport \"testing\"\n\nfunc TestPlain(*testing.T) {}\n",
	messageFile:                     "package libcontainer\n\nconst (\n" + commonAttributes + mountSources + ")\n",
	pidFile:                         "package libcontainer\n\ntype pid struct {\n" + newPids + "}\n",
	"libcontainer/nsenter/nsexec.c": "#error \"this C code must not be compiled\"\n",
	"libcontainer/nsenter/nsenter.go": `package nsenter

/*
extern void nsexec();
void __attribute__((constructor)) init(void) {
	nsexec();
}
*/
import "C"
`,
}

var vendorFiles = map[string]string{
	"vendor/modules.txt": "# example.com/one v1.2.3\n## explicit\nexample.com/one\n# example.com/one/v2 v2.0.0\n## explicit; go 1.17\n" +
		"example.com/one/v2\n# example.com/unused v1.0.0\n## explicit\n",
	"vendor/example.com/one/one.go":    "package one\n\nconst Word = \"one \"\n",
	"vendor/example.com/one/v2/two.go": "package two\n\nconst Word = \"two \"\n",
}

// inGopath is the same where Debian's packages have it.
func inGopath(t *testing.T) string {
	root := t.TempDir()
	directory := filepath.Join(root, "src", runcPath)
	put(t, directory, small)
	put(t, root, map[string]string{
		"src/example.com/one/one.go":    vendorFiles["vendor/example.com/one/one.go"],
		"src/example.com/one/v2/two.go": vendorFiles["vendor/example.com/one/v2/two.go"],
	})
	return directory
}

func release(t *testing.T) string {
	directory := filepath.Join(t.TempDir(), "runc with spaces")
	put(t, directory, small)
	put(t, directory, vendorFiles)
	return directory
}

// contents tells files with their texts, modes and times.
func contents(t *testing.T, directory string) string {
	t.Helper()
	var all strings.Builder
	err := filepath.WalkDir(directory, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		var text []byte
		if info.Mode().IsRegular() {
			if text, err = os.ReadFile(path); err != nil {
				return err
			}
		}
		fmt.Fprintln(&all, path, info.Mode(), info.ModTime(), sha256.Sum256(text))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all.String()
}

func TestBuildsWithTheStubInFront(t *testing.T) {
	for name, source := range map[string]func(*testing.T) string{"GOPATH": inGopath, "release": release} {
		for _, cgo := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s,cgo=%v", name, cgo), func(t *testing.T) {
				o := builds(t)
				o.source, o.cgo = source(t), cgo
				before := contents(t, o.source)
				if err := o.build(); err != nil {
					t.Fatal(err)
				}
				if after := contents(t, o.source); after != before {
					t.Errorf("the source has changed:\n%s\n%s", before, after)
				}
				out, err := exec.Command(o.output).CombinedOutput()
				if err != nil || string(out) != "one two 1.1.99\n" {
					t.Errorf("%q, %v", out, err)
				}
				asInit := exec.Command(o.output)
				asInit.Env = []string{"_LIBCONTAINER_INITPIPE=x"}
				out, err = asInit.CombinedOutput()
				if err == nil || !strings.Contains(string(out), "not a decimal int") {
					t.Errorf("the stub is not in front: %q, %v", out, err)
				}
				// The stub of runc-1.1 sends the ready byte.
				if first := firstByte(t, o.output); first != 0 {
					t.Errorf("the first byte of the stub is %q", first)
				}
				tests := exec.Command("sh", "-c", ". \"$1\"; cd \"$2\"; go test -v . ./plain", "sh", o.output+".env", o.source)
				out, err = tests.CombinedOutput()
				if err != nil || !strings.Contains(string(out), "--- PASS: TestIsBehindTheStub") || !strings.Contains(string(out), "--- PASS: TestPlain") {
					t.Errorf("go test: %q, %v", out, err)
				}
				environment := exec.Command("sh", "-c", ". \"$1\"; cd \"$2\"; go build -o \"$1.again\" . && \"$1.again\"", "sh",
					o.output+".env", o.source)
				if out, err := environment.CombinedOutput(); err != nil || string(out) != "one two unknown\n" {
					t.Errorf("with the environment: %q, %v", out, err)
				}
			})
		}
	}
}

// firstByte starts a program as an init and returns what it sends before it has got anything.
func firstByte(t *testing.T, program string) byte {
	t.Helper()
	ours, theirs, err := socketPair()
	if err != nil {
		t.Fatal(err)
	}
	defer ours.Close()
	cmd := exec.Command(program)
	cmd.Env = []string{"_LIBCONTAINER_INITPIPE=3"}
	cmd.ExtraFiles = []*os.File{theirs}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	theirs.Close()
	first := []byte{'?'}
	ours.Read(first)
	cmd.Process.Kill()
	cmd.Wait()
	return first[0]
}

func TestSaysWhichPackageHasNoReplacement(t *testing.T) {
	o := builds(t)
	o.source = release(t)
	put(t, o.source, map[string]string{
		"libcontainer/novel/novel.go": "package novel\n\nimport \"C\"\n",
		"novel.go":                    "package main\n\nimport _ \"github.com/opencontainers/runc/libcontainer/novel\"\n",
	})
	err := o.build()
	if err == nil || !strings.Contains(err.Error(), "libcontainer/novel uses cgo, and embed/runc has nothing to replace it") {
		t.Error(err)
	}
	o.cgo = true
	if err := o.build(); err != nil {
		t.Error(err)
	}
}

func TestSaysWhatIsMissing(t *testing.T) {
	o := builds(t)
	o.source = filepath.Join(t.TempDir(), "src", runcPath)
	put(t, o.source, small)
	if err := o.build(); err == nil || !strings.HasSuffix(err.Error(), "what the source imports: example.com/one, example.com/one/v2") {
		t.Error(err)
	}
	o.machine = "mips64le"
	if err := o.build(); err == nil || !strings.Contains(err.Error(), "there is no stub for mips64le") {
		t.Error(err)
	}
}

func TestReadsReplacements(t *testing.T) {
	all, err := readReplacements(".")
	if err != nil || len(all) < 3 {
		t.Fatal(all, err)
	}
	for _, text := range []string{"package a\n", "when cgo\n", "package a\nwhen ever\n", "package a\nwhen cgo\nmove b\n",
		"package a\nwhen cgo\ntag-if t f\n"} {
		directory := t.TempDir()
		put(t, directory, map[string]string{"a/" + manifest: text})
		if _, err := readReplacements(directory); err == nil {
			t.Errorf("%q is a manifest", text)
		}
	}
}

func TestTakesTheFirstPackageThatTheSourceHas(t *testing.T) {
	own := t.TempDir()
	put(t, own, map[string]string{"userns/" + manifest: "package p/new p/old # new first\nwhen no-cgo\nremove a.go a_*.c\n",
		"userns/a.go": "package p\n", "userns/b.c.in": "@DIALECT@\n", "userns/a_test.go": "", "userns/README.md": ""})
	all, err := readReplacements(own)
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range []struct{ has, replaces string }{{"p/new/a.go", "p/new"}, {"p/old/a_1.c", "p/old"}, {"p/old/c.go", ""}} {
		directory := t.TempDir()
		put(t, directory, map[string]string{one.has: ""})
		work, err := newOverlay(&source{directory: directory}, filepath.Join(t.TempDir(), "overlay"))
		if err != nil {
			t.Fatal(err)
		}
		path, err := all[0].apply(work, map[string]string{"DIALECT": "RUNC_1_1"})
		if err != nil || path != one.replaces {
			t.Errorf("%q, not %q: %v", path, one.replaces, err)
		}
		if path == "" {
			continue
		}
		text, _ := os.ReadFile(work.replaced[work.source.path(path+"/b.c")])
		if string(text) != "RUNC_1_1\n" || work.replaced[work.source.path(path+"/a.go")] == "" {
			t.Errorf("%q %v", text, work.replaced)
		}
		put(t, directory, map[string]string{path + "/b.c": ""})
		work.replaced = map[string]string{}
		if _, err := all[0].apply(work, nil); err == nil {
			t.Error("a file is hidden that the replacement does not remove")
		}
	}
}

// InitSeccomp of runc 1.1 returns an int, and that of later versions a file.
func TestNeedsATagIfAFileContainsAText(t *testing.T) {
	own := t.TempDir()
	put(t, own, map[string]string{"a/" + manifest: "package p\nwhen no-cgo\nremove a.go\ntags one\ntag-if file a.go (*os.File, error)\n"})
	for text, tags := range map[string]string{"func F() (int, error)": "one", "func F() (*os.File, error)": "one file"} {
		all, err := readReplacements(own)
		if err != nil {
			t.Fatal(err)
		}
		directory := t.TempDir()
		put(t, directory, map[string]string{"p/a.go": text})
		work, err := newOverlay(&source{directory: directory}, filepath.Join(t.TempDir(), "overlay"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := all[0].apply(work, nil); err != nil || strings.Join(all[0].tags, " ") != tags {
			t.Errorf("%s: %v, %v", text, all[0].tags, err)
		}
	}
}
