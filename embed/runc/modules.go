package main

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// stubPath is the Go module with the stub.
const stubPath = "github.com/nsexec-stub/nsexec-stub/embed/go"

// imports is how Go finds what runc imports, and the module with the stub: its environment and flags.
//
// The module cannot be in the overlay, because Go looks for objects (.syso) in real directories only. So go.mod
// replaces it by its directory, or it is in a GOPATH of its own.
type imports struct {
	mode        string // as it is reported
	environment []string
	flags       []string
}

// findImports puts what it needs into the overlay.
func findImports(o *overlay, stub string) (*imports, error) {
	s := o.source
	root := strings.TrimSuffix(s.directory, filepath.FromSlash("/src/"+runcPath))
	switch {
	case s.has("vendor/modules.txt") && s.has("go.mod"):
		return vendored(o, stub)
	case root != s.directory:
		return inGOPATH(o, stub, root)
	case s.has("go.mod"):
		text, err := os.ReadFile(s.path("go.mod"))
		if err != nil {
			return nil, err
		}
		return asModule(o, stub, "modules, from Go's cache", text)
	}
	return nil, fmt.Errorf("%s has no go.mod, and it is not GOPATH/src/%s", s.directory, runcPath)
}

// inGOPATH is for Debian's packages: /usr/share/gocode is a GOPATH.
func inGOPATH(o *overlay, stub, root string) (*imports, error) {
	own := filepath.Join(o.directory, "gopath")
	link := filepath.Join(own, "src", filepath.FromSlash(stubPath))
	if err := os.MkdirAll(filepath.Dir(link), 0o777); err != nil {
		return nil, err
	}
	if err := os.Symlink(stub, link); err != nil {
		return nil, err
	}
	path := own + ":" + root
	if more := os.Getenv("GOPATH"); more != "" {
		path += ":" + more
	}
	return &imports{"GOPATH " + path, []string{"GO111MODULE=off", "GOPATH=" + path}, nil}, nil
}

func asModule(o *overlay, stub, mode string, goMod []byte) (*imports, error) {
	goMod = append(goMod, fmt.Sprintf("\nrequire %s v0.0.0\n\nreplace %s => %q\n", stubPath, stubPath, stub)...)
	if err := o.write("go.mod", goMod); err != nil {
		return nil, err
	}
	return &imports{mode, []string{"GO111MODULE=on"}, []string{"-mod=readonly"}}, nil
}

// vendored makes each vendored module one that go.mod replaces by its directory in vendor/. Go's own -mod=vendor
// would refuse the stub: it is not in vendor/modules.txt, which Go does not read from the overlay.
func vendored(o *overlay, stub string) (*imports, error) {
	s := o.source
	list, err := os.ReadFile(s.path("vendor/modules.txt"))
	if err != nil {
		return nil, err
	}
	own, err := os.ReadFile(s.path("go.mod"))
	if err != nil {
		return nil, err
	}
	var goMod bytes.Buffer
	for _, line := range regexp.MustCompile(`(?m)^(module|go)\s.*$`).FindAll(own, -1) {
		fmt.Fprintf(&goMod, "%s\n", line)
	}
	var path, version, language string
	used := false
	put := func() error {
		if !used {
			return nil
		}
		used = false
		fmt.Fprintf(&goMod, "\nrequire %s %s\n\nreplace %s => %q\n", path, version, path, s.path("vendor/"+path))
		return o.write("vendor/"+path+"/go.mod", []byte(fmt.Sprintf("module %s\n\ngo %s\n", path, language)))
	}
	lines := bufio.NewScanner(bytes.NewReader(list))
	for lines.Scan() {
		words := strings.Fields(lines.Text())
		switch {
		case len(words) >= 3 && words[0] == "#":
			if err := put(); err != nil {
				return nil, err
			}
			path, version, language = words[1], words[2], "1.16"
			if version == "=>" { // replaced, whatever its version
				version = "v0.0.0"
			}
		case len(words) > 0 && words[0] == "##":
			if _, after, found := strings.Cut(lines.Text(), "go "); found {
				language = strings.TrimSpace(after)
			}
		case len(words) == 1:
			used = true // a module without packages has no directory
		}
	}
	if err := lines.Err(); err != nil {
		return nil, err
	}
	if err := put(); err != nil {
		return nil, err
	}
	return asModule(o, stub, "modules, from "+s.path("vendor"), goMod.Bytes())
}
