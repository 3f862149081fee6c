package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// overlay is the set of files that Go reads in the place of the source's. See "go help build", -overlay.
type overlay struct {
	source    *source
	directory string            // where the replacing files are
	replaced  map[string]string // path in the source: replacing file, or "" for a file that is left out
}

func newOverlay(s *source, directory string) (*overlay, error) {
	if err := os.RemoveAll(directory); err != nil {
		return nil, err
	}
	return &overlay{s, directory, map[string]string{}}, os.MkdirAll(directory, 0o777)
}

func (o *overlay) file() string { return filepath.Join(o.directory, "overlay.json") }

// write puts a text in the place of a file of the source.
func (o *overlay) write(name string, text []byte) error {
	file := filepath.Join(o.directory, "files", filepath.FromSlash(name))
	if strings.HasSuffix(name, "go.mod") { // Go takes a directory with a go.mod for a module
		file += ".text"
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
		return err
	}
	o.replaced[o.source.path(name)] = file
	return os.WriteFile(file, text, 0o666)
}

func (o *overlay) remove(name string) { o.replaced[o.source.path(name)] = "" }

func (o *overlay) save() error {
	text, err := json.MarshalIndent(struct{ Replace map[string]string }{o.replaced}, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(o.file(), text, 0o666)
}

// replacement is a directory here that replaces a package of runc. Its file "replaces" has a word and values a line:
//
//	package P...  the package in runc's source; of several, the first that has one of the files to remove
//	when W        cgo: only in builds with cgo; no-cgo: only in others
//	remove F...   files of the package that are left out; * and ? as in the shell
//	covers P...   packages that runc no longer needs then
//	tags T...     build tags that it needs
//	tag-if T F X  one more build tag, if the package's file F contains the text X
//
// All its other files are added to the package, but tests (_test.go) and documents (.md). From FILE.in Go reads
// FILE, in which @DIALECT@, @LIBRARY@ and @INCLUDE@ are replaced.
type replacement struct {
	name     string
	when     string
	packages []string
	removes  []string
	covers   []string
	tags     []string
	tagsIf   []conditionalTag
	files    map[string][]byte
}

type conditionalTag struct{ tag, file, text string }

const manifest = "replaces"

// readReplacements reads all directories that have a manifest.
func readReplacements(directory string) ([]*replacement, error) {
	manifests, err := filepath.Glob(filepath.Join(directory, "*", manifest))
	if err != nil {
		return nil, err
	}
	var all []*replacement
	for _, one := range manifests {
		read, err := readReplacement(filepath.Dir(one))
		if err != nil {
			return nil, err
		}
		all = append(all, read)
	}
	return all, nil
}

func readReplacement(directory string) (*replacement, error) {
	r := &replacement{name: filepath.Base(directory), files: map[string][]byte{}}
	text, err := os.ReadFile(filepath.Join(directory, manifest))
	if err != nil {
		return nil, err
	}
	for _, line := range strings.Split(string(text), "\n") {
		line, _, _ = strings.Cut(line, "#")
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		switch words[0] {
		case "package":
			r.packages = words[1:]
		case "when":
			r.when = strings.Join(words[1:], " ")
		case "remove":
			r.removes = append(r.removes, words[1:]...)
		case "covers":
			r.covers = append(r.covers, words[1:]...)
		case "tags":
			r.tags = append(r.tags, words[1:]...)
		case "tag-if":
			if len(words) < 4 {
				return nil, fmt.Errorf("%s: tag-if needs a tag, a file and a text", filepath.Join(directory, manifest))
			}
			r.tagsIf = append(r.tagsIf, conditionalTag{words[1], words[2], strings.Join(words[3:], " ")})
		default:
			return nil, fmt.Errorf("%s: %q is no word of a manifest", filepath.Join(directory, manifest), words[0])
		}
	}
	if len(r.packages) == 0 || (r.when != "cgo" && r.when != "no-cgo") {
		return nil, fmt.Errorf("%s: needs package, and when with cgo or no-cgo", filepath.Join(directory, manifest))
	}
	entries, err := os.ReadDir(directory)
	if err != nil {
		return nil, err
	}
	for _, one := range entries {
		name := one.Name()
		if one.IsDir() || name == manifest || strings.HasSuffix(name, "_test.go") || strings.HasSuffix(name, ".md") {
			continue
		}
		if r.files[name], err = os.ReadFile(filepath.Join(directory, name)); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// apply puts the replacement into the overlay, and returns the package that it replaces: "" if the source has none.
func (r *replacement) apply(o *overlay, settings map[string]string) (string, error) {
	for _, path := range r.packages {
		var removed []string
		for _, pattern := range r.removes {
			matches, err := filepath.Glob(filepath.Join(o.source.path(path), pattern))
			if err != nil {
				return "", err
			}
			removed = append(removed, matches...)
		}
		if len(removed) == 0 {
			continue
		}
		for _, one := range r.tagsIf {
			text, err := os.ReadFile(o.source.path(path + "/" + one.file))
			if err == nil && bytes.Contains(text, []byte(one.text)) {
				r.tags = append(r.tags, one.tag)
			}
		}
		for _, one := range removed {
			o.remove(path + "/" + filepath.Base(one))
		}
		for name, text := range r.files {
			if before := strings.TrimSuffix(name, ".in"); before != name {
				name = before
				for from, to := range settings {
					text = bytes.ReplaceAll(text, []byte("@"+from+"@"), []byte(to))
				}
			}
			name = path + "/" + name
			if _, left := o.replaced[o.source.path(name)]; !left && o.source.has(name) {
				return "", fmt.Errorf("%s would hide %s, which it does not remove", r.name, o.source.path(name))
			}
			if err := o.write(name, text); err != nil {
				return "", err
			}
		}
		return path, nil
	}
	return "", nil
}
