package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// runcPath is what runc's packages are imported as.
const runcPath = "github.com/opencontainers/runc"

// source is an unpacked source of runc, and what its own files say about it.
type source struct {
	directory string // absolute, without symbolic links
	dialect   string // "1.2", as in docs/protocol.md without "runc-"
	goVersion string // the go line of go.mod, or ""
	version   string // the content of the file VERSION, or ""
}

// attribute is a constant of libcontainer/message_linux.go.
var attribute = regexp.MustCompile(`(?m)^\s*(?:const\s+)?(\w+)(?:\s+uint16)?\s*=\s*(\d{5})\b`)

// attributes are those that all dialects have. "Rootless" was another word before 1.0.
var attributes = map[string]string{
	"62000": "InitMsg", "27281": "CloneFlagsAttr", "27282": "NsPathsAttr", "27283": "UidmapAttr",
	"27284": "GidmapAttr", "27285": "SetgroupAttr", "27286": "OomScoreAdjAttr", "27287": "RootlessEUIDAttr",
	"27288": "UidmapPathAttr", "27289": "GidmapPathAttr",
}

const lastAttribute = "27290" // its meaning differs

// readSource finds out what a directory holds. It fails if the stub does not know the protocol.
func readSource(directory string) (*source, error) {
	directory, err := filepath.Abs(directory)
	if err != nil {
		return nil, err
	}
	if directory, err = filepath.EvalSymlinks(directory); err != nil {
		return nil, err
	}
	s := &source{directory: directory}
	for _, name := range []string{"main.go", "libcontainer/nsenter/nsexec.c", messageFile, pidFile} {
		if _, err := os.Stat(s.path(name)); err != nil {
			return nil, fmt.Errorf("%s is not a source of runc: it has no %s", directory, name)
		}
	}
	if s.dialect, err = s.findDialect(); err != nil {
		return nil, err
	}
	if text, err := os.ReadFile(s.path("go.mod")); err == nil {
		if line := regexp.MustCompile(`(?m)^go\s+(\S+)`).FindSubmatch(text); line != nil {
			s.goVersion = string(line[1])
		}
	}
	if text, err := os.ReadFile(s.path("VERSION")); err == nil {
		s.version = strings.TrimSpace(string(text))
	}
	return s, nil
}

const (
	messageFile = "libcontainer/message_linux.go"
	pidFile     = "libcontainer/init_linux.go"
)

func (s *source) path(name string) string {
	return filepath.Join(s.directory, filepath.FromSlash(name))
}

func (s *source) has(name string) bool {
	_, err := os.Stat(s.path(name))
	return err == nil
}

// findDialect reads which attributes the parent sends, and which pid line it expects.
func (s *source) findDialect() (string, error) {
	message, err := os.ReadFile(s.path(messageFile))
	if err != nil {
		return "", err
	}
	reply, err := os.ReadFile(s.path(pidFile))
	if err != nil {
		return "", err
	}
	unknown := func(file, format string, arguments ...any) error {
		return fmt.Errorf("%s: %s; the stub does not know this protocol (docs/protocol.md)",
			s.path(file), fmt.Sprintf(format, arguments...))
	}
	found := map[string]string{}
	for _, one := range attribute.FindAllSubmatch(message, -1) {
		name, number := string(one[1]), string(one[2])
		if _, known := attributes[number]; !known && number != lastAttribute {
			return "", unknown(messageFile, "%s is %s", name, number)
		}
		found[number] = name
	}
	for number, name := range attributes {
		if got := found[number]; got != name && !(name == "RootlessEUIDAttr" && got == "RootlessAttr") {
			return "", unknown(messageFile, "no %s = %s", name, number)
		}
	}
	newPids := strings.Contains(string(reply), "`json:\"stage2_pid\"`")
	oldPids := strings.Contains(string(reply), "`json:\"pid_first\"`")
	last := found[lastAttribute]
	switch {
	case newPids && last == "TimeOffsetsAttr":
		return "1.2", nil
	case newPids && last == "MountSourcesAttr":
		return "1.1", nil
	case newPids && last == "":
		return "1.0", nil
	case oldPids && last == "":
		return "2019", nil
	case !newPids && !oldPids:
		return "", unknown(pidFile, "neither stage2_pid nor pid_first is read")
	}
	return "", unknown(messageFile, "%s is %s", last, lastAttribute)
}
