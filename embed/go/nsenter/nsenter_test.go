//go:build linux && (386 || amd64 || arm || arm64 || loong64 || ppc64le || riscv64 || s390x)

package nsenter_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/nsexec-stub/nsexec-stub/embed/go/nsenter"
)

func TestMain(m *testing.M) {
	if os.Getenv("TELL") != "" {
		fmt.Println("entered", nsenter.Entered(), "init", nsenter.IsInit())
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func TestEntered(t *testing.T) {
	if !nsenter.Entered() {
		t.Error("the stub is not in front")
	}
	if nsenter.IsInit() {
		t.Error("this is no init")
	}
}

func tell(program string, variables ...string) (string, error) {
	cmd := exec.Command(program)
	cmd.Env = append([]string{"TELL=1"}, variables...)
	if os.Getuid() == 0 {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
		cmd.Dir = "/"
	}
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// The caller of a set-user-ID program chooses its environment. Neither the stub nor Go code may
// trust it.
func TestIsNoInitWithMorePrivilegeThanItsCaller(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root can make a set-user-ID program of another user")
	}
	directory, err := os.MkdirTemp("", "nsexec-go")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(directory)
	os.Chmod(directory, 0o755)
	text, err := os.ReadFile("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(directory, "program")
	if err := os.WriteFile(program, text, 0o755); err != nil {
		t.Fatal(err)
	}
	if out, err := tell(program, "_LIBCONTAINER_INITPIPE=x"); err == nil || !strings.Contains(out, "not a decimal int") {
		t.Error("the stub does not heed an ordinary caller:", out, err)
	}
	if err := os.Chmod(program, 0o755|os.ModeSetuid); err != nil {
		t.Fatal(err)
	}
	out, err := tell(program, "_LIBCONTAINER_INITPIPE=x")
	if strings.Contains(out, "decimal") {
		t.Skip("the file system ignores set-user-ID bits")
	}
	if err != nil || out != "entered true init false\n" {
		t.Error(out, err)
	}
}
