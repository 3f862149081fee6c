package seccomp

import "fmt"

// Profile is a seccomp profile as the OCI runtime specification has it ("linux.seccomp").
type Profile struct {
	DefaultAction    Action    `json:"defaultAction"`
	DefaultErrnoRet  *uint     `json:"defaultErrnoRet,omitempty"`
	Architectures    []Arch    `json:"architectures,omitempty"`
	Flags            []Flag    `json:"flags,omitempty"`
	ListenerPath     string    `json:"listenerPath,omitempty"`
	ListenerMetadata string    `json:"listenerMetadata,omitempty"`
	Syscalls         []Syscall `json:"syscalls,omitempty"`
}

// Syscall is a rule for one or more system calls.
type Syscall struct {
	Names    []string `json:"names"`
	Action   Action   `json:"action"`
	ErrnoRet *uint    `json:"errnoRet,omitempty"`
	Args     []Arg    `json:"args,omitempty"`
}

// Arg is a test of one argument, 0 to 5. With OpMaskedEqual, Value is the mask, and ValueTwo what the masked argument is
// compared with; the other operators leave ValueTwo alone.
type Arg struct {
	Index    uint     `json:"index"`
	Value    uint64   `json:"value"`
	ValueTwo uint64   `json:"valueTwo,omitempty"`
	Op       Operator `json:"op"`
}

// Action is what happens to a call.
type Action string

const (
	ActKill        Action = "SCMP_ACT_KILL" // as ActKillThread
	ActKillProcess Action = "SCMP_ACT_KILL_PROCESS"
	ActKillThread  Action = "SCMP_ACT_KILL_THREAD"
	ActTrap        Action = "SCMP_ACT_TRAP"   // SIGSYS
	ActErrno       Action = "SCMP_ACT_ERRNO"  // ErrnoRet, or EPERM
	ActTrace       Action = "SCMP_ACT_TRACE"  // tells the tracer ErrnoRet, or EPERM
	ActAllow       Action = "SCMP_ACT_ALLOW"  //
	ActLog         Action = "SCMP_ACT_LOG"    // allows, and logs
	ActNotify      Action = "SCMP_ACT_NOTIFY" // asks who has the listener's fd
)

// Values of the kernel (linux/seccomp.h).
const (
	retKillThread  = 0x00000000
	retTrap        = 0x00030000
	retErrno       = 0x00050000
	retUserNotify  = 0x7fc00000
	retTrace       = 0x7ff00000
	retLog         = 0x7ffc0000
	retAllow       = 0x7fff0000
	retKillProcess = 0x80000000

	eperm = 1 // on all machines
)

// value is what a filter returns for the action.
func (a Action) value(errnoRet *uint) (uint32, error) {
	// The kernel has 16 bits for it; libseccomp too cuts the rest off.
	data := uint32(eperm)
	if errnoRet != nil {
		data = uint32(*errnoRet) & 0xffff
	}
	switch a {
	case ActKill, ActKillThread:
		return retKillThread, nil
	case ActKillProcess:
		return retKillProcess, nil
	case ActTrap:
		return retTrap, nil
	case ActErrno:
		return retErrno | data, nil
	case ActTrace:
		return retTrace | data, nil
	case ActAllow:
		return retAllow, nil
	case ActLog:
		return retLog, nil
	case ActNotify:
		return retUserNotify, nil
	}
	return 0, fmt.Errorf("seccomp: %q is not an action", string(a))
}

// letsPass tells whether the kernel makes a call that gets the action.
func (a Action) letsPass() bool { return a == ActAllow || a == ActLog || a == ActTrace }

// Operator compares an argument, which is on the left, with Arg.Value. All are unsigned.
type Operator string

const (
	OpNotEqual     Operator = "SCMP_CMP_NE"
	OpLess         Operator = "SCMP_CMP_LT"
	OpLessEqual    Operator = "SCMP_CMP_LE"
	OpEqual        Operator = "SCMP_CMP_EQ"
	OpGreaterEqual Operator = "SCMP_CMP_GE"
	OpGreater      Operator = "SCMP_CMP_GT"
	OpMaskedEqual  Operator = "SCMP_CMP_MASKED_EQ"
)

// Flag is a flag of seccomp(2).
type Flag string

const (
	FlagTsync            Flag = "SECCOMP_FILTER_FLAG_TSYNC"              // all threads
	FlagLog              Flag = "SECCOMP_FILTER_FLAG_LOG"                // log all but ActAllow
	FlagSpecAllow        Flag = "SECCOMP_FILTER_FLAG_SPEC_ALLOW"         // no defence against Spectre
	FlagWaitKillableRecv Flag = "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV" // signals that do not kill wait, with ActNotify
)

const (
	flagTsync            = 1 << 0
	flagLog              = 1 << 1
	flagSpecAllow        = 1 << 2
	flagNewListener      = 1 << 3
	flagTsyncEsrch       = 1 << 4
	flagWaitKillableRecv = 1 << 5
)

func (f Flag) value() (uint, error) {
	switch f {
	case FlagTsync:
		return flagTsync, nil
	case FlagLog:
		return flagLog, nil
	case FlagSpecAllow:
		return flagSpecAllow, nil
	case FlagWaitKillableRecv:
		return flagWaitKillableRecv, nil
	}
	return 0, fmt.Errorf("seccomp: %q is not a flag", string(f))
}
