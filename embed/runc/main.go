// Command runc builds an unpacked source of runc with the stub in the place of its C code (make runc; docs/runc.md).
// It writes nothing in the source: Go reads the files that differ from an overlay.
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sort"
	"strings"
)

type options struct {
	source  string
	output  string
	machine string // GOARCH
	cgo     bool
	stub    string // the Go module
	library string // libnsexec.a
	include string // the directory of nsexec.h
	own     string // the directory of the replacements
	tags    string
	ldflags string
}

func main() {
	var o options
	flag.StringVar(&o.source, "source", "", "runc's source")
	flag.StringVar(&o.output, "output", "", "the program to build; OUTPUT.env and OUTPUT.overlay say how")
	flag.StringVar(&o.machine, "goarch", runtime.GOARCH, "the machine, as Go calls it")
	flag.BoolVar(&o.cgo, "cgo", false, "keep runc's other C code")
	flag.StringVar(&o.stub, "module", "", "the Go module with the stub's objects")
	flag.StringVar(&o.library, "library", "", "libnsexec.a, for -cgo")
	flag.StringVar(&o.include, "include", "", "the directory of nsexec.h, for -cgo")
	flag.StringVar(&o.own, "replacements", ".", "the directory of the replacements")
	flag.StringVar(&o.tags, "tags", "", "more build tags, with commas")
	flag.StringVar(&o.ldflags, "ldflags", "", "more flags for Go's linker")
	flag.Parse()
	if err := o.build(); err != nil {
		fmt.Fprintln(os.Stderr, "make runc:", err)
		os.Exit(1)
	}
}

func (o *options) build() error {
	for _, path := range []*string{&o.output, &o.stub, &o.library, &o.include} {
		if *path != "" {
			*path, _ = filepath.Abs(*path)
		}
	}
	s, err := readSource(o.source)
	if err != nil {
		return err
	}
	if object := filepath.Join(o.stub, "nsenter", "nsexec_linux_"+o.machine+".syso"); !o.cgo {
		if _, err := os.Stat(object); err != nil {
			return fmt.Errorf("there is no stub for %s: %w", o.machine, err)
		}
	}
	if err := checkGo(s); err != nil {
		return err
	}
	work, err := newOverlay(s, o.output+".overlay")
	if err != nil {
		return err
	}
	found, err := findImports(work, o.stub)
	if err != nil {
		return err
	}
	tool := &goTool{directory: s.directory, environment: append(os.Environ(), found.environment...)}
	tool.set("GOTOOLCHAIN=local", "GOWORK=off", "GOOS=linux", "GOARCH="+o.machine, "CGO_ENABLED=0", "GOFLAGS=")
	if o.cgo {
		tool.set("CGO_ENABLED=1")
	}
	tool.flags = append([]string{"-overlay=" + work.file()}, found.flags...)
	if err := work.save(); err != nil {
		return err
	}
	tags, report, err := o.replace(work, tool)
	if err != nil {
		return err
	}
	if err := work.save(); err != nil {
		return err
	}
	fmt.Printf("runc %s in %s\n", orUnknown(s.version), s.directory)
	fmt.Printf("  protocol   runc-%s\n", s.dialect)
	fmt.Printf("  imports    %s\n", found.mode)
	for _, line := range report {
		fmt.Println("  " + line)
	}

	var ldflags []string
	const entry = "-E=nsexec_go_start"
	if !o.cgo {
		ldflags = append(ldflags, entry)
	}
	// Until 1.1 runc's Makefile passes the version to the linker.
	if main, err := os.ReadFile(s.path("main.go")); err == nil && s.version != "" && !bytes.Contains(main, []byte("go:embed VERSION")) {
		ldflags = append(ldflags, "-X=main.version="+s.version)
	}
	if o.ldflags != "" {
		ldflags = append(ldflags, o.ldflags)
	}
	if tags != "" {
		tool.flags = append(tool.flags, "-tags="+tags)
	}
	// go vet, which go test runs, reads the source's files in the place of the overlay's.
	flags := append([]string{"-vet=off"}, tool.flags...)
	if !o.cgo {
		behind, err := tool.programsOnStub()
		if err != nil {
			return err
		}
		for _, path := range behind {
			flags = append(flags, "-ldflags="+path+"="+entry)
		}
	}
	if err := o.writeEnvironment(tool, found, flags); err != nil {
		return err
	}
	if len(ldflags) > 0 {
		tool.flags = append(tool.flags, "-ldflags="+strings.Join(ldflags, " "))
	}
	if err := tool.run("build", "-trimpath", "-buildvcs=false", "-o", o.output, "."); err != nil {
		return err
	}
	fmt.Printf("  built      %s (%s)\n", o.output, o.output+".env has the environment of the build")
	return nil
}

func orUnknown(version string) string {
	if version == "" {
		return "(no VERSION)"
	}
	return version
}

// replace fills the overlay, and returns the build tags and what it has done, a line each.
func (o *options) replace(work *overlay, tool *goTool) (tags string, report []string, err error) {
	with, kept := "no-cgo", "left out"
	wanted := strings.FieldsFunc(o.tags, func(r rune) bool { return r == ',' || r == ' ' })
	if o.cgo {
		with, kept = "cgo", "as it is"
		wanted = append(wanted, "seccomp")
	}
	before, err := tool.cgoPackages(wanted)
	if err != nil {
		return "", nil, err
	}
	all := before // with the packages that the tag seccomp adds
	if !o.cgo {
		if all, err = tool.cgoPackages(append([]string{"seccomp"}, wanted...)); err != nil {
			return "", nil, err
		}
	}
	if !contains(before, "libcontainer/nsenter") {
		return "", nil, fmt.Errorf("%s: the program does not use libcontainer/nsenter", work.source.directory)
	}
	replacements, err := readReplacements(o.own)
	if err != nil {
		return "", nil, err
	}
	done := map[string]bool{}
	settings := map[string]string{"LIBRARY": o.library, "INCLUDE": o.include,
		"DIALECT": strings.ToUpper(dialectTag(work.source))}
	for _, one := range replacements {
		if one.when != with {
			continue
		}
		path, err := one.apply(work, settings)
		if err != nil {
			return "", nil, err
		}
		if path == "" {
			continue
		}
		done[path] = true
		for _, covered := range one.covers {
			done[covered] = true
		}
		wanted = append(wanted, one.tags...)
		report = append(report, fmt.Sprintf("replaced   %s by embed/runc/%s", path, one.name))
	}
	for _, path := range all {
		switch {
		case done[path]:
		case o.cgo || !contains(before, path):
			report = append(report, fmt.Sprintf("%-10s %s", kept, path))
		default:
			return "", nil, fmt.Errorf("%s uses cgo, and embed/runc has nothing to replace it: "+
				"this source can be built with CGO=1 only", path)
		}
	}
	if !done["libcontainer/nsenter"] {
		return "", nil, errors.New("nothing replaces libcontainer/nsenter")
	}
	if !o.cgo && work.source.dialect != "1.2" {
		wanted = append(wanted, "nsexec_"+dialectTag(work.source))
	}
	sort.Strings(report)
	return strings.Join(wanted, ","), report, nil
}

func dialectTag(s *source) string { return "runc_" + strings.ReplaceAll(s.dialect, ".", "_") }

func contains(list []string, one string) bool {
	for _, each := range list {
		if each == one {
			return true
		}
	}
	return false
}

// writeEnvironment writes what a shell has to know to run Go on the source in the same way. GOFLAGS cannot hold flags
// with spaces, so that it has of the linker's flags the entry point only.
func (o *options) writeEnvironment(tool *goTool, found *imports, flags []string) error {
	var text bytes.Buffer
	fmt.Fprintf(&text, "# For sh: . %s; cd %s; go test ./...\n", o.output+".env", tool.directory)
	put := func(assignment string) {
		name, value, _ := strings.Cut(assignment, "=")
		fmt.Fprintf(&text, "export %s='%s'\n", name, strings.ReplaceAll(value, "'", `'\''`))
	}
	for _, one := range found.environment {
		put(one)
	}
	for _, name := range []string{"GOTOOLCHAIN", "GOWORK", "GOOS", "GOARCH", "CGO_ENABLED"} {
		put(name + "=" + tool.get(name))
	}
	put("GOFLAGS=" + strings.Join(flags, " "))
	return os.WriteFile(o.output+".env", text.Bytes(), 0o666)
}

// goTool runs the Go command.
type goTool struct {
	directory   string
	environment []string
	flags       []string
}

func (g *goTool) set(assignments ...string) { g.environment = append(g.environment, assignments...) }

func (g *goTool) get(name string) string {
	for i := len(g.environment) - 1; i >= 0; i-- {
		if value := strings.TrimPrefix(g.environment[i], name+"="); value != g.environment[i] {
			return value
		}
	}
	return ""
}

// command is the Go command that runs this program: "go run" puts its GOROOT/bin in front of PATH.
func (g *goTool) command(verb string, arguments ...string) *exec.Cmd {
	cmd := exec.Command("go", append(append([]string{verb}, g.flags...), arguments...)...)
	cmd.Dir = g.directory
	cmd.Env = append(g.environment, "PWD="+g.directory)
	cmd.Stderr = os.Stderr
	return cmd
}

func (g *goTool) run(verb string, arguments ...string) error {
	if err := g.command(verb, arguments...).Run(); err != nil {
		return fmt.Errorf("go %s: %w", verb, err)
	}
	return nil
}

// cgoPackages returns which packages of runc its program uses cgo in, without runc's own path.
func (g *goTool) cgoPackages(tags []string) ([]string, error) {
	cmd := g.command("list", "-e", "-deps", "-tags="+strings.Join(tags, ","),
		"-f", "{{if .Error}}missing {{.ImportPath}}{{else if .CgoFiles}}cgo {{.ImportPath}}{{end}}", ".")
	cmd.Env = append(cmd.Env, "CGO_ENABLED=1")
	output, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w", err)
	}
	var packages, missing []string
	for _, line := range strings.Split(strings.TrimSpace(string(output)), "\n") {
		what, path, _ := strings.Cut(line, " ")
		if what == "missing" {
			missing = append(missing, path)
		} else if own := strings.TrimPrefix(path, runcPath+"/"); own != path {
			packages = append(packages, own)
		}
	}
	if len(missing) > 0 {
		return nil, fmt.Errorf("Go does not find what the source imports: %s", strings.Join(missing, ", "))
	}
	return packages, nil
}

// programsOnStub returns the packages of runc whose program, or whose program of tests, has the stub in it. Go's linker
// refuses an entry point that a program does not have.
func (g *goTool) programsOnStub() ([]string, error) {
	cmd := g.command("list", "-e", "-test", "-f", `{{if eq .Name "main"}}{{.ImportPath}} {{join .Deps " "}}{{end}}`, "./...")
	output, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w", err)
	}
	var packages []string
	for _, line := range strings.Split(string(output), "\n") {
		words := strings.Fields(line)
		if len(words) == 0 || !contains(words, stubPath+"/nsenter") {
			continue
		}
		if path := strings.TrimSuffix(words[0], ".test"); !contains(packages, path) {
			packages = append(packages, path)
		}
	}
	return packages, nil
}

// checkGo says which Go the source needs, which Go itself says only after many other errors.
func checkGo(s *source) error {
	present := strings.TrimPrefix(runtime.Version(), "go")
	var needed, have [2]int
	fmt.Sscanf(s.goVersion, "%d.%d", &needed[0], &needed[1])
	fmt.Sscanf(present, "%d.%d", &have[0], &have[1])
	if needed[0] > have[0] || needed[0] == have[0] && needed[1] > have[1] {
		return fmt.Errorf("this source needs Go %s, and this is Go %s (put another in front of PATH)", s.goVersion, present)
	}
	return nil
}
