// Package seccomp compiles an OCI seccomp profile to the BPF program that the kernel runs before each system call,
// and loads it. It does what runc does with libseccomp, without cgo: any action, operator, flag and machine.
//
//	var profile seccomp.Profile
//	err := json.Unmarshal(text, &profile) // "linux.seccomp" of a config.json
//	filter, err := seccomp.Compile(&profile, seccomp.Native())
//	runtime.LockOSThread()
//	listener, err := filter.Load()
//
// Compile needs no Linux, and compiles for other machines too.
//
// # What a profile means
//
// The profile's rules are those of libseccomp, as runc uses it:
//
//   - A call of the native machine or of one in Architectures gets the action of the rule that matches, and
//     DefaultAction if none does. A call of any other machine kills the thread. So does one of x32 on x86_64,
//     unless SCMP_ARCH_X32 is in Architectures.
//   - A rule matches if all its Args do. But if it has two Args for the same argument, it matches if any does.
//   - A rule whose action is DefaultAction is ignored, and so is the name of a call that no machine has.
//   - A rule without Args replaces the earlier ones for its call, and later ones for that call are ignored.
//   - Arguments have 64 bits, and on 32-bit machines and x32 only the lower 32 are compared.
//   - Where the kernel has calls behind socketcall and ipc, a rule for such a call is a rule for both ways to make
//     it. Behind socketcall its Args are compared too, but for the first; they are those of socketcall.
//   - A call newer than the profile's newest, which the profile's author did not know, gets ENOSYS and not
//     DefaultAction, unless that lets it pass. Programs then do without it.
//
// Where several rules with Args match one call and their actions differ, see Compile.
package seccomp
