package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What the sources of each generation say about the protocol.
const (
	commonAttributes = `	InitMsg          uint16 = 62000
	CloneFlagsAttr   uint16 = 27281
	NsPathsAttr      uint16 = 27282
	UidmapAttr       uint16 = 27283
	GidmapAttr       uint16 = 27284
	SetgroupAttr     uint16 = 27285
	OomScoreAdjAttr  uint16 = 27286
	RootlessEUIDAttr uint16 = 27287
	UidmapPathAttr   uint16 = 27288
	GidmapPathAttr   uint16 = 27289
`
	mountSources = "	MountSourcesAttr uint16 = 27290\n"
	timeOffsets  = "	TimeOffsetsAttr  uint16 = 27290\n"
	newPids      = "	Pid int `json:\"stage2_pid\"`\n	PidFirstChild int `json:\"stage1_pid\"`\n"
	oldPids      = "	Pid int `json:\"pid\"`\n	PidFirstChild int `json:\"pid_first\"`\n"
)

// put writes files below a directory.
func put(t *testing.T, directory string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		file := filepath.Join(directory, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

// like makes a source that says this about the protocol.
func like(t *testing.T, attributes, pids string) string {
	t.Helper()
	directory := t.TempDir()
	put(t, directory, map[string]string{
		"main.go":                       "package main\n",
		"libcontainer/nsenter/nsexec.c": "void nsexec(void) {}\n",
		messageFile:                     "package libcontainer\n\nconst (\n" + attributes + ")\n",
		pidFile:                         "package libcontainer\n\ntype pid struct {\n" + pids + "}\n",
	})
	return directory
}

func TestFindsTheDialect(t *testing.T) {
	for _, one := range []struct{ dialect, attributes, pids string }{
		{"1.2", commonAttributes + timeOffsets, newPids},
		{"1.1", commonAttributes + mountSources, newPids},
		{"1.0", commonAttributes, newPids},
		{"2019", commonAttributes, oldPids},
		{"2019", strings.Replace(commonAttributes, "RootlessEUIDAttr", "RootlessAttr", 1), oldPids},
	} {
		s, err := readSource(like(t, one.attributes, one.pids))
		if err != nil {
			t.Errorf("runc-%s: %v", one.dialect, err)
		} else if s.dialect != one.dialect {
			t.Errorf("runc-%s, not runc-%s", s.dialect, one.dialect)
		}
	}
}

func TestRefusesAProtocolThatItDoesNotKnow(t *testing.T) {
	for _, one := range []struct{ says, attributes, pids string }{
		{"NewAttr is 27291", commonAttributes + timeOffsets + "	NewAttr uint16 = 27291\n", newPids},
		{"OtherAttr is 27290", commonAttributes + "	OtherAttr uint16 = 27290\n", newPids},
		{"InitMsg is 62001", strings.Replace(commonAttributes, "62000", "62001", 1), newPids},
		{"no SetgroupAttr = 27285", strings.Replace(commonAttributes, "SetgroupAttr ", "OtherAttr ", 1), newPids},
		{"no GidmapPathAttr = 27289", strings.Replace(commonAttributes, "	GidmapPathAttr   uint16 = 27289\n", "", 1), newPids},
		{"TimeOffsetsAttr is 27290", commonAttributes + timeOffsets, oldPids},
		{"neither stage2_pid nor pid_first", commonAttributes, "	Pid int `json:\"init_pid\"`\n"},
	} {
		_, err := readSource(like(t, one.attributes, one.pids))
		if err == nil || !strings.Contains(err.Error(), one.says) || !strings.Contains(err.Error(), "does not know this protocol") {
			t.Errorf("%q: %v", one.says, err)
		}
	}
}

func TestRefusesWhatIsNoSourceOfRunc(t *testing.T) {
	for _, missing := range []string{"main.go", "libcontainer/nsenter/nsexec.c", messageFile, pidFile} {
		directory := like(t, commonAttributes, newPids)
		if err := os.Remove(filepath.Join(directory, missing)); err != nil {
			t.Fatal(err)
		}
		_, err := readSource(directory)
		if err == nil || !strings.HasSuffix(err.Error(), "is not a source of runc: it has no "+missing) {
			t.Error(err)
		}
	}
	if _, err := readSource("/surely/not/there"); err == nil {
		t.Error("a directory that does not exist is a source")
	}
}

func TestRefusesASourceThatNeedsANewerGo(t *testing.T) {
	err := checkGo(&source{goVersion: "9.1.0"})
	if err == nil || !strings.HasPrefix(err.Error(), "this source needs Go 9.1.0, and this is Go ") {
		t.Error(err)
	}
	if err := checkGo(&source{goVersion: "1.16"}); err != nil {
		t.Error(err)
	}
	if err := checkGo(&source{}); err != nil {
		t.Error(err)
	}
}
