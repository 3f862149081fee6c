package seccomp

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math/bits"
	"math/rand"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
)

// A reference is testdata/libseccomp.c, running.
type reference struct {
	in  *bufio.Writer
	out *bufio.Reader
}

// startReference builds and starts the reference. NSEXEC_SECCOMP_REFERENCE is one that is built already.
func startReference(t *testing.T) *reference {
	t.Helper()
	path := os.Getenv("NSEXEC_SECCOMP_REFERENCE")
	if path == "" {
		if runtime.GOOS != "linux" {
			t.Skip("libseccomp is there on Linux only")
		}
		compiler := os.Getenv("CC")
		if compiler == "" {
			compiler = "cc"
		}
		path = filepath.Join(t.TempDir(), "reference")
		command := append(strings.Fields(compiler), "-O1", "-o", path, "testdata/libseccomp.c", "-lseccomp")
		out, err := exec.Command(command[0], command[1:]...).CombinedOutput()
		if err != nil {
			if strings.Contains(string(out), "seccomp.h") || strings.Contains(string(out), "-lseccomp") || out == nil {
				t.Skipf("no libseccomp to compare with (Debian: libseccomp-dev): %v %s", err, out)
			}
			t.Fatalf("%v\n%s", err, out)
		}
	}
	cmd := exec.Command(path)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close()
		if err := cmd.Wait(); err != nil {
			t.Error("the reference: ", err)
		}
	})
	return &reference{bufio.NewWriter(in), bufio.NewReader(out)}
}

func (r *reference) number(t *testing.T) int32 {
	t.Helper()
	r.in.Flush()
	var word [4]byte
	if _, err := io.ReadFull(r.out, word[:]); err != nil {
		t.Fatal("the reference: ", err)
	}
	return int32(hostOrder().Uint32(word[:]))
}

func hostOrder() binary.ByteOrder {
	m, _ := machineOf(Native())
	return byteOrder(m.big)
}

// token is libseccomp's name of a machine.
func token(m *machine) uint32 {
	if m.arch == ArchX32 {
		return 62 | 0x40000000
	}
	return m.audit
}

var referenceOperators = map[Operator]int{OpNotEqual: 1, OpLess: 2, OpLessEqual: 3, OpEqual: 4, OpGreaterEqual: 5, OpGreater: 6, OpMaskedEqual: 7}

// compile has libseccomp compile a profile as runc has it done, without the ENOSYS that runc adds. It returns an errno if
// libseccomp refuses.
func (r *reference) compile(t *testing.T, profile *Profile, native Arch) ([]Instruction, syscall.Errno) {
	t.Helper()
	fallback := actionValue(profile.DefaultAction, profile.DefaultErrnoRet)
	fmt.Fprintf(r.in, "filter %d\n", fallback)
	first, _ := machineOf(native)
	seen := map[Arch]bool{}
	for _, name := range append([]Arch{native}, profile.Architectures...) {
		m, _ := machineOf(name)
		if !seen[m.arch] {
			fmt.Fprintf(r.in, "arch %d\n", token(m))
		}
		seen[m.arch] = true
	}
	for _, call := range profile.Syscalls {
		action := actionValue(call.Action, call.ErrnoRet)
		if action == fallback {
			continue
		}
		seen := map[uint]bool{}
		for _, arg := range call.Args {
			seen[arg.Index] = true
		}
		groups := [][]Arg{call.Args}
		if len(seen) != len(call.Args) {
			groups = nil
			for _, arg := range call.Args {
				groups = append(groups, []Arg{arg})
			}
		}
		for _, name := range call.Names {
			for _, group := range groups {
				fmt.Fprintf(r.in, "rule %d %s %d", action, name, len(group))
				for _, arg := range group {
					fmt.Fprintf(r.in, " %d %d %d %d", arg.Index, referenceOperators[arg.Op], arg.Value, arg.ValueTwo)
				}
				fmt.Fprintln(r.in)
			}
		}
	}
	fmt.Fprintln(r.in, "end")
	length := r.number(t)
	if length < 0 {
		return nil, syscall.Errno(-length)
	}
	program := make([]Instruction, length/8)
	if err := binary.Read(r.out, byteOrder(first.big), program); err != nil {
		t.Fatal(err)
	}
	if err := verify(program); err != nil {
		t.Fatalf("libseccomp's program: %v", err)
	}
	return program, 0
}

// known returns whether libseccomp knows a call, by the same numbers: its tables are those of another kernel.
func (r *reference) known(t *testing.T) func(string) bool {
	cache := map[string]bool{}
	return func(name string) bool {
		if _, ok := cache[name]; !ok {
			fmt.Fprintf(r.in, "resolve %d %s\n", uint32(auditX86_64), name)
			cache[name] = r.number(t) != -1
			for i := range machines {
				m := &machines[i]
				if _, _, led := m.behind(name); led || !r.has(t, []Arch{m.arch}) {
					continue
				}
				fmt.Fprintf(r.in, "resolve %d %s\n", token(m), name)
				theirs := r.number(t)
				ours, ok := m.number(name)
				if (theirs >= 0) != ok || (ok && uint32(theirs) != ours) {
					cache[name] = false
				}
			}
		}
		return cache[name]
	}
}

// Machines whose filters are compared, the native one first.
var compared = [][]Arch{
	{ArchX86_64}, {ArchX86_64, ArchX86, ArchX32}, {ArchX86_64, ArchX86}, {ArchX86, ArchX86_64}, {ArchX86},
	{ArchAARCH64, ArchARM}, {ArchARM},
	{ArchMIPS64, ArchMIPS, ArchMIPS64N32}, {ArchMIPSEL64, ArchMIPSEL, ArchMIPSEL64N32}, {ArchMIPS},
	{ArchPARISC64, ArchPARISC}, {ArchPPC}, {ArchPPC64, ArchPPC}, {ArchPPC64LE},
	{ArchRISCV64}, {ArchS390X, ArchS390}, {ArchS390},
	{ArchLOONGARCH64}, {ArchM68K}, {ArchSH}, {ArchSHEB},
}

// has returns whether libseccomp has all those machines: older ones lack some.
func (r *reference) has(t *testing.T, machines []Arch) bool {
	for _, name := range machines {
		m, _ := machineOf(name)
		fmt.Fprintf(r.in, "resolve %d read\n", token(m))
		if r.number(t) == -1 {
			return false
		}
	}
	return true
}

// TestCallsOfLibseccomp compares the tables, by the calls that both have.
func TestCallsOfLibseccomp(t *testing.T) {
	r := startReference(t)
	// Its headers are those of another kernel. What only one of them has is no error; a different number is.
	checked, alone := 0, 0
	for i := range machines {
		m := &machines[i]
		if !r.has(t, []Arch{m.arch}) {
			t.Logf("this libseccomp has no %s", m.arch)
			continue
		}
		for j := range calls {
			name := calls[j].name
			if _, _, led := m.behind(name); led {
				continue
			}
			fmt.Fprintf(r.in, "resolve %d %s\n", token(m), name)
			theirs := r.number(t)
			ours := calls[j].numbers[m.column]
			checked++
			switch {
			case theirs == ours || (theirs < 0 && ours < 0):
			case theirs >= 0 && ours >= 0:
				t.Errorf("%s of %s: %d, and libseccomp has %d", name, m.arch, ours, theirs)
			default:
				alone++
			}
		}
	}
	t.Logf("%d numbers, %d of which only one of the two has", checked, alone)
}

// A tally is what a comparison has seen.
type tally struct{ profiles, calls, refused, faults int }

// differ compares the filters for a profile with each other and with the profile's meaning. With faulty, libseccomp may be
// wrong where this package's filter does what the profile means.
func (n *tally) differ(t *testing.T, r *reference, known func(string) bool, random *rand.Rand, profile *Profile, native Arch, all, faulty bool) {
	t.Helper()
	// A call that only one of the two knows is no difference between compilers.
	kept := *profile
	kept.Syscalls = nil
	for _, call := range profile.Syscalls {
		names := call.Names
		call.Names = nil
		for _, name := range names {
			if known(name) {
				call.Names = append(call.Names, name)
			}
		}
		if call.Names != nil {
			kept.Syscalls = append(kept.Syscalls, call)
		}
	}
	ours, err := compile(&kept, native, false)
	if err != nil {
		t.Fatal(err)
	}
	if err := verify(ours.Program); err != nil {
		t.Fatalf("%v: %+v", err, kept)
	}
	n.profiles++
	theirs, errno := r.compile(t, &kept, native)
	if errno != 0 {
		// EEXIST: it has no order for rules whose actions differ.
		if faulty && errno == syscall.ETIME {
			n.faults++
		} else if errno != syscall.EEXIST {
			t.Fatalf("libseccomp refuses by %v: %+v", errno, kept)
		}
		n.refused++
		return
	}
	fault := false
	means := newMeaning(&kept, native, false)
	for _, name := range append([]Arch{native}, kept.Architectures...) {
		m, _ := machineOf(name)
		samples(random, &kept, m, all, func(data *syscallData) {
			n.calls++
			bytes := data.bytes(m.big)
			got, want := interpret(ours.Program, &bytes, m.big), interpret(theirs, &bytes, m.big)
			if m.big && want == bits.ReverseBytes32(got) {
				// On a machine of the other byte order, libseccomp swaps some constants twice.
				want = got
			}
			sense, certain := means.verdict(data)
			fault = fault || got != want
			if (got != want && !faulty) || (certain && got != sense) {
				text, _ := json.Marshal(kept)
				t.Fatalf("%v: %#x, libseccomp says %#x, and the profile means %#x (%v): %.3000s", data, got, want, sense, certain, text)
			}
		})
	}
	if fault {
		n.faults++
	}
}

func compareRandom(t *testing.T, mixed, wild bool) {
	r := startReference(t)
	known := r.known(t)
	random := rand.New(rand.NewSource(1))
	var n tally
	for _, machines := range compared {
		if !r.has(t, machines) {
			continue
		}
		for i := 0; i < 40; i++ {
			profile := randomProfile(random, mixed, wild)
			profile.Architectures = machines[1:]
			n.differ(t, r, known, random, profile, machines[0], i == 0, wild)
		}
	}
	t.Logf("%d profiles, of which libseccomp refuses %d, %d calls", n.profiles, n.refused, n.calls)
	if wild {
		t.Logf("libseccomp does something else than %d profiles mean", n.faults)
	}
}

// Calls whose rules have one action.
func TestRandomProfilesAsLibseccomp(t *testing.T) { compareRandom(t, false, false) }

// Calls whose rules have several actions: the order of the rules matters.
func TestMixedProfilesAsLibseccomp(t *testing.T) { compareRandom(t, true, false) }

// libseccomp up to 2.6.1 goes wrong where an argument of 64 bits is compared by <, <=, >, >= or != and by another test of the
// same call too: from a lower word it goes on to a comparison of the higher one without loading it again.
func TestSeveralBoundsForAnArgument(t *testing.T) { compareRandom(t, false, true) }

// TestDefaultProfilesAsLibseccomp compares the filters for the profiles that engines have by default, every number of a call.
// tests/go/seccomp-profiles fetches them.
func TestDefaultProfilesAsLibseccomp(t *testing.T) {
	r := startReference(t)
	known := r.known(t)
	for _, engine := range []string{"containerd", "docker", "podman"} {
		t.Run(engine, func(t *testing.T) {
			list, err := engineProfiles(engine)
			if os.IsNotExist(err) {
				t.Skip("not fetched (tests/go/seccomp-profiles): ", err)
			} else if err != nil {
				t.Fatal(err)
			}
			random := rand.New(rand.NewSource(4))
			var n tally
			longest := 0
			for i := range list {
				native, profile := list[i].Machine, &list[i].Profile
				if !r.has(t, append([]Arch{native}, profile.Architectures...)) {
					continue
				}
				n.differ(t, r, known, random, profile, native, true, false)
				filter, err := Compile(profile, native)
				if err != nil {
					t.Fatal(err)
				}
				if err := verify(filter.Program); err != nil {
					t.Fatal(err)
				}
				means := newMeaning(profile, native, true)
				for _, name := range append([]Arch{native}, profile.Architectures...) {
					m, _ := machineOf(name)
					samples(random, profile, m, true, func(data *syscallData) {
						n.calls++
						bytes := data.bytes(m.big)
						got := interpret(filter.Program, &bytes, m.big)
						if want, certain := means.verdict(data); certain && got != want {
							t.Fatalf("%v: %#x, and the profile means %#x", data, got, want)
						}
					})
				}
				if len(filter.Program) > longest {
					longest = len(filter.Program)
				}
			}
			if n.profiles == 0 || n.refused != 0 {
				t.Errorf("%d profiles, %d refused", n.profiles, n.refused)
			}
			t.Logf("%d profiles, %d calls, at most %d instructions", n.profiles, n.calls, longest)
		})
	}
}
