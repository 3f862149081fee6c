package seccomp

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math/rand"
	"os"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// The example of the runtime specification.
const specExample = `{
	"defaultAction": "SCMP_ACT_ALLOW",
	"architectures": ["SCMP_ARCH_X86", "SCMP_ARCH_X32"],
	"syscalls": [{"names": ["getcwd", "chmod"], "action": "SCMP_ACT_ERRNO"}]
}`

func parse(t *testing.T, text string) *Profile {
	t.Helper()
	var profile Profile
	if err := json.Unmarshal([]byte(text), &profile); err != nil {
		t.Fatal(err)
	}
	return &profile
}

func mustCompile(t *testing.T, profile *Profile, native Arch) *Filter {
	t.Helper()
	filter, err := Compile(profile, native)
	if err != nil {
		t.Fatal(err)
	}
	if err := verify(filter.Program); err != nil {
		t.Fatal(err)
	}
	return filter
}

func ask(filter *Filter, m *machine, number uint32, args ...uint64) uint32 {
	data := syscallData{number: number, arch: m.audit}
	copy(data.args[:], args)
	bytes := data.bytes(m.big)
	return interpret(filter.Program, &bytes, m.big)
}

func TestProgram(t *testing.T) {
	filter := mustCompile(t, parse(t, `{"defaultAction": "SCMP_ACT_ALLOW",
		"syscalls": [{"names": ["write"], "action": "SCMP_ACT_ERRNO", "errnoRet": 9, "args": [{"index": 0, "value": 4294967298, "op": "SCMP_CMP_EQ"}]}]}`), ArchAARCH64)
	want := []Instruction{
		{0x20, 0, 0, 4},          // the machine
		{0x15, 1, 0, 0xc00000b7}, //
		{0x05, 0, 0, 10},         //
		{0x20, 0, 0, 0},          // the number
		{0x35, 1, 0, 64},         //
		{0x06, 0, 0, 0x7fff0000}, // below write
		{0x35, 6, 0, 65},         //
		{0x20, 0, 0, 20},         // write: the higher word
		{0x15, 0, 3, 1},          //
		{0x20, 0, 0, 16},         // the lower one
		{0x15, 0, 1, 2},          //
		{0x06, 0, 0, 0x00050009}, //
		{0x06, 0, 0, 0x7fff0000}, //
		{0x06, 0, 0, 0x7fff0000}, // above
		{0x06, 0, 0, 0x00000000}, // another machine
	}
	// The distance over the section, and from the second comparison over write.
	want[2].K = uint32(len(want) - 4)
	if !reflect.DeepEqual(filter.Program, want) {
		t.Errorf("%v\n%v", filter.Program, want)
	}
	if filter.Flags != 0 || filter.Notifies {
		t.Error(filter)
	}
}

func TestMachines(t *testing.T) {
	filter := mustCompile(t, parse(t, specExample), ArchX86_64)
	x86, x86_64, x32 := &machines[0], &machines[1], &machines[2]
	arm, _ := machineOf("arm64")
	for _, one := range []struct {
		m      *machine
		number uint32
		want   uint32
	}{
		{x86_64, 79, 0x50001}, {x86_64, 90, 0x50001}, {x86_64, 183, 0x7fff0000}, {x86, 183, 0x50001}, {x86, 15, 0x50001},
		{x86, 79, 0x7fff0000}, {x32, 1<<30 | 79, 0x50001}, {x32, 1<<30 | 80, 0x7fff0000}, {arm, 17, 0},
	} {
		if got := ask(filter, one.m, one.number); got != one.want {
			t.Errorf("%d of %s: %#x, and not %#x", one.number, one.m.arch, got, one.want)
		}
	}
	// Without x32 its calls kill, but for -1.
	filter = mustCompile(t, parse(t, `{"defaultAction": "SCMP_ACT_LOG"}`), ArchX86_64)
	for number, want := range map[uint32]uint32{0: 0x7ffc0000, 1 << 30: 0, 0xfffffffe: 0, 0xffffffff: 0x7ffc0000} {
		if got := ask(filter, x86_64, number); got != want {
			t.Errorf("%#x: %#x, and not %#x", number, got, want)
		}
	}
}

// What is newer than the profile gets ENOSYS.
func TestNewer(t *testing.T) {
	profile := parse(t, `{"defaultAction": "SCMP_ACT_ERRNO", "architectures": ["SCMP_ARCH_S390"],
		"syscalls": [{"names": ["read", "openat2"], "action": "SCMP_ACT_ALLOW"}]}`)
	filter := mustCompile(t, profile, ArchS390X)
	m, _ := machineOf("s390x")
	for number, want := range map[uint32]uint32{3: 0x7fff0000, 437: 0x7fff0000, 436: 0x50001, 438: 0x50026, 0xffffffff: 0x50026, 0: 0x50026} {
		if got := ask(filter, m, number); got != want {
			t.Errorf("%d: %#x, and not %#x", number, got, want)
		}
	}
	profile.Architectures = nil
	filter = mustCompile(t, profile, ArchMIPS64)
	m, _ = machineOf("mips64")
	if got := ask(filter, m, 6000); got != 0x50000|89 {
		t.Errorf("ENOSYS of MIPS: %#x", got)
	}
}

// Behind socketcall, Args are those of socketcall, but for the first.
func TestBehind(t *testing.T) {
	filter := mustCompile(t, parse(t, `{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
		{"names": ["socket"], "action": "SCMP_ACT_KILL", "args": [{"index": 0, "value": 16, "op": "SCMP_CMP_EQ"}]},
		{"names": ["shmat"], "action": "SCMP_ACT_TRAP"}]}`), ArchX86)
	m := &machines[0]
	for _, one := range []struct {
		number uint32
		first  uint64
		want   uint32
	}{{359, 16, 0}, {359, 2, 0x7fff0000}, {102, 1, 0}, {102, 2, 0x7fff0000}, {117, 21, 0x30000}, {397, 0, 0x30000}, {117, 22, 0x7fff0000}} {
		if got := ask(filter, m, one.number, one.first); got != one.want {
			t.Errorf("%d(%d): %#x, and not %#x", one.number, one.first, got, one.want)
		}
	}
}

func TestFlags(t *testing.T) {
	for _, one := range []struct {
		text string
		want uint
	}{
		{`{"defaultAction": "SCMP_ACT_ALLOW", "flags": ["SECCOMP_FILTER_FLAG_LOG", "SECCOMP_FILTER_FLAG_SPEC_ALLOW"]}`, 6},
		{`{"defaultAction": "SCMP_ACT_ALLOW", "flags": ["SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"]}`, 0},
		{`{"defaultAction": "SCMP_ACT_ALLOW", "flags": ["SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV", "SECCOMP_FILTER_FLAG_TSYNC"],
			"syscalls": [{"names": ["no_such_call"], "action": "SCMP_ACT_NOTIFY"}]}`, 1 + 8 + 16 + 32},
	} {
		if filter := mustCompile(t, parse(t, one.text), ArchX86_64); filter.Flags != one.want {
			t.Errorf("%s: %d", one.text, filter.Flags)
		}
	}
}

func TestRefused(t *testing.T) {
	for text, want := range map[string]string{
		`{}`: `"" is not an action`,
		`{"defaultAction": "SCMP_ACT_ALLOW", "architectures": ["SCMP_ARCH_VAX"]}`:                                                                       `"SCMP_ARCH_VAX" is not an architecture`,
		`{"defaultAction": "SCMP_ACT_ALLOW", "architectures": ["SCMP_ARCH_S390X"]}`:                                                                     `byte orders`,
		`{"defaultAction": "SCMP_ACT_ALLOW", "flags": ["X"]}`:                                                                                           `"X" is not a flag`,
		`{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["read"], "action": "X"}]}`:                                                         `"X" is not an action (of [read])`,
		`{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": [""], "action": "SCMP_ACT_LOG"}]}`:                                                  `without a name`,
		`{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["read"], "action": "SCMP_ACT_LOG", "args": [{"index": 6, "op": "SCMP_CMP_EQ"}]}]}`: `no call has an argument 6`,
		`{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["read"], "action": "SCMP_ACT_LOG", "args": [{"index": 0, "op": "="}]}]}`:           `"=" is not an operator`,
	} {
		if _, err := Compile(parse(t, text), ArchX86_64); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
	if _, err := Compile(nil, ArchX86_64); err == nil {
		t.Error("no profile")
	}
	if _, err := Compile(&Profile{DefaultAction: ActAllow}, ""); err == nil {
		t.Error("no machine")
	}
	long := &Profile{DefaultAction: ActAllow}
	for i := 0; i < 1000; i++ {
		long.Syscalls = append(long.Syscalls, Syscall{Names: []string{"read"}, Action: ActLog, Args: []Arg{{Op: OpEqual, Value: uint64(i)}}})
	}
	if _, err := Compile(long, ArchX86_64); err == nil || !strings.Contains(err.Error(), "the kernel takes 4096") {
		t.Error(err)
	}
}

// A conditional jump reaches 255 instructions. 51 of these rules, with what is behind them, are 256.
func TestLongJumps(t *testing.T) {
	for _, count := range []int{49, 50, 51, 52, 800} {
		profile := &Profile{DefaultAction: ActAllow}
		for i := 0; i < count; i++ {
			profile.Syscalls = append(profile.Syscalls,
				Syscall{Names: []string{"read"}, Action: ActLog, Args: []Arg{{Op: OpEqual, Value: uint64(i)}}})
		}
		filter := mustCompile(t, profile, ArchX86_64)
		for number, want := range []uint32{0x7ffc0000, 0x7fff0000} {
			if got := ask(filter, &machines[1], uint32(number), uint64(count-1)); got != want {
				t.Errorf("%d rules, call %d: %#x", count, number, got)
			}
		}
		if got := ask(filter, &machines[1], 0, uint64(count)); got != 0x7fff0000 {
			t.Errorf("%d rules: %#x", count, got)
		}
	}
}

// TestRandomProfiles compares filters with what the profiles mean, on all machines, with the ENOSYS that runc adds.
func TestRandomProfiles(t *testing.T) {
	random := rand.New(rand.NewSource(1))
	calls := 0
	for i := range machines {
		native := &machines[i]
		for j := 0; j < 30; j++ {
			profile := randomProfile(random, j%4 == 3, true)
			for k := random.Intn(4); k > 0; k-- {
				if other := machines[random.Intn(len(machines))]; other.big == native.big {
					profile.Architectures = append(profile.Architectures, other.arch, Arch(other.short))
				}
			}
			filter := mustCompile(t, profile, native.arch)
			means := newMeaning(profile, native.arch, true)
			for k := range machines {
				if machines[k].big != native.big {
					continue
				}
				samples(random, profile, &machines[k], false, func(data *syscallData) {
					calls++
					bytes := data.bytes(native.big)
					got := interpret(filter.Program, &bytes, native.big)
					if want, certain := means.verdict(data); certain && got != want {
						text, _ := json.Marshal(profile)
						t.Fatalf("%v on %s: %#x, and not %#x: %s", data, native.arch, got, want, text)
					}
				})
			}
		}
	}
	t.Logf("%d calls", calls)
}

// TestCallsOfHeaders compares the tables with the kernel's headers here, where there are some.
func TestCallsOfHeaders(t *testing.T) {
	define := regexp.MustCompile(`^#define __NR_(\w+)\s+(\d+)$`)
	seen := 0
	for arch, path := range map[Arch]string{
		ArchX86_64: "/usr/include/x86_64-linux-gnu/asm/unistd_64.h", ArchX86: "/usr/include/x86_64-linux-gnu/asm/unistd_32.h",
		ArchS390X: "/usr/s390x-linux-gnu/include/asm/unistd_64.h", ArchS390: "/usr/s390x-linux-gnu/include/asm/unistd_32.h",
		ArchPPC64LE: "/usr/powerpc64le-linux-gnu/include/asm/unistd_64.h", ArchPPC: "/usr/powerpc64le-linux-gnu/include/asm/unistd_32.h",
		ArchAARCH64: "/usr/aarch64-linux-gnu/include/asm-generic/unistd.h",
	} {
		file, err := os.Open(path)
		if err != nil {
			continue
		}
		m, _ := machineOf(arch)
		for lines := bufio.NewScanner(file); lines.Scan(); {
			match := define.FindStringSubmatch(lines.Text())
			if match == nil || match[1] == "syscalls" || match[1] == "arch_specific_syscall" {
				continue
			}
			want, _ := strconv.ParseUint(match[2], 10, 32)
			got, ok := m.number(match[1])
			// The generic table has calls that a machine leaves out.
			if ok && got != uint32(want) || !ok && arch != ArchAARCH64 {
				t.Errorf("%s of %s: %d, %v, and the headers have %d", match[1], arch, got, ok, want)
			}
			seen++
		}
		file.Close()
	}
	if seen == 0 {
		t.Skip("no headers")
	}
	t.Logf("%d numbers", seen)
}

func TestArchs(t *testing.T) {
	if Native() == "" || len(Archs()) != len(machines) {
		t.Error(Native(), Archs())
	}
	for _, arch := range Archs() {
		if _, err := machineOf(arch); err != nil {
			t.Error(err)
		}
	}
}

func ExampleCompile() {
	var profile Profile
	json.Unmarshal([]byte(specExample), &profile)
	filter, err := Compile(&profile, ArchX86_64)
	fmt.Println(len(filter.Program) < MaxInstructions, filter.Notifies, err)
	// Output: true false <nil>
}
