package seccomp

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"io"
	"math/rand"
	"os"
	"os/exec"
	"testing"
)

// TestProfilesAsRunc compares with the programs that runc itself makes by libseccomp, the ENOSYS for newer calls included.
// NSEXEC_SECCOMP_RUNC is the program of tests/runc/seccomp-reference.
func TestProfilesAsRunc(t *testing.T) {
	path := os.Getenv("NSEXEC_SECCOMP_RUNC")
	if path == "" {
		t.Skip("NSEXEC_SECCOMP_RUNC is not set (tests/runc/seccomp-reference)")
	}
	cmd := exec.Command(path)
	cmd.Stderr = os.Stderr
	in, _ := cmd.StdinPipe()
	out, _ := cmd.StdoutPipe()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Wait()
	defer in.Close()
	input, output := json.NewEncoder(in), bufio.NewReader(out)
	runc := func(profile *Profile) []Instruction {
		t.Helper()
		if err := input.Encode(profile); err != nil {
			t.Fatal(err)
		}
		var length [4]byte
		if _, err := io.ReadFull(output, length[:]); err != nil {
			t.Fatal("runc: ", err)
		}
		program := make([]Instruction, hostOrder().Uint32(length[:]))
		if err := binary.Read(output, hostOrder(), program); err != nil {
			t.Fatal("runc: ", err)
		}
		return program
	}

	known := startReference(t).known(t)
	random := rand.New(rand.NewSource(5))
	native, _ := machineOf(Native())
	var n tally
	ask := func(profile *Profile, all, faulty bool) {
		t.Helper()
		kept := *profile
		kept.Syscalls = nil
		for _, call := range profile.Syscalls {
			for _, name := range call.Names {
				if known(name) {
					one := call
					one.Names = []string{name}
					kept.Syscalls = append(kept.Syscalls, one)
				}
			}
		}
		// runc 1.1.5 forgets about the native machine, if it is not named.
		kept.Architectures = append([]Arch{native.arch}, profile.Architectures...)
		n.profiles++
		theirs := runc(&kept)
		if len(theirs) == 0 {
			n.refused++
			return
		}
		ours := mustCompile(t, &kept, native.arch)
		means := newMeaning(&kept, native.arch, true)
		fault := false
		for _, name := range kept.Architectures {
			m, err := machineOf(name)
			if err != nil {
				t.Fatal(err)
			}
			samples(random, &kept, m, all, func(data *syscallData) {
				n.calls++
				bytes := data.bytes(m.big)
				got, want := interpret(ours.Program, &bytes, m.big), interpret(theirs, &bytes, m.big)
				if got == want {
					return
				}
				fault = true
				if sense, certain := means.verdict(data); !faulty || !certain || got != sense {
					text, _ := json.Marshal(kept)
					t.Fatalf("%v: %#x, runc says %#x, and the profile means %#x: %.3000s", data, got, want, sense, text)
				}
			})
		}
		if fault {
			n.faults++
		}
	}
	for _, engine := range []string{"containerd", "docker", "podman"} {
		list, _ := engineProfiles(engine)
		for i := range list {
			if of, _ := machineOf(list[i].Machine); of == native {
				ask(&list[i].Profile, true, false)
			}
		}
	}
	if n.refused != 0 {
		t.Errorf("runc refuses %d of %d", n.refused, n.profiles)
	}
	t.Logf("the engines': %d profiles, %d calls", n.profiles, n.calls)
	n = tally{}
	others := map[bool][][]Arch{false: {nil, {ArchX86, ArchX32}, {ArchX86}, {ArchARM, ArchPPC64LE}}, true: {nil, {ArchS390}}}[native.big]
	for i := 0; i < 100; i++ {
		profile := randomProfile(random, false, false)
		profile.Architectures = others[i%len(others)]
		ask(profile, false, true)
	}
	t.Logf("random ones: %d profiles, of which runc refuses %d, %d calls; libseccomp does something else than %d mean", n.profiles, n.refused, n.calls, n.faults)
}
