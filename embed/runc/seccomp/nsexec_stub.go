//go:build !cgo || !seccomp

package seccomp

import (
	"errors"
	"fmt"
	"reflect"

	"github.com/opencontainers/runtime-spec/specs-go"
	"github.com/sirupsen/logrus"

	"github.com/opencontainers/runc/libcontainer/configs"

	"github.com/nsexec-stub/nsexec-stub/embed/go/seccomp"
)

// Enabled is true if seccomp support is compiled in.
const Enabled = true

// Version would be that of libseccomp. runc does not print 0.0.0.
func Version() (uint, uint, uint) { return 0, 0, 0 }

// FlagSupported tells whether the flag is known, and this kernel has it.
func FlagSupported(flag specs.LinuxSeccompFlag) error {
	if seccomp.Flag(flag) == seccomp.FlagTsync {
		return nil // ignored: see load
	}
	return seccomp.Flag(flag).Supported()
}

// load loads the filter for this thread, and returns the fd of the listener, or -1.
func load(config *configs.Seccomp) (int, error) {
	if config == nil {
		return -1, errors.New("cannot initialize Seccomp - nil config passed")
	}
	profile, err := profileOf(config)
	if err != nil {
		return -1, err
	}
	filter, err := seccomp.Compile(profile, seccomp.Native())
	if err != nil {
		return -1, fmt.Errorf("error creating seccomp filter: %w", err)
	}
	logrus.Debugf("seccomp filter flags: %d", filter.Flags)
	listener, err := filter.Load()
	if err != nil {
		return -1, fmt.Errorf("error loading seccomp filter into kernel: %w", err)
	}
	return listener, nil
}

// profileOf returns the profile that runc has made this of.
func profileOf(config *configs.Seccomp) (*seccomp.Profile, error) {
	fallback, err := actionOf(config.DefaultAction)
	if err != nil {
		return nil, err
	}
	// runc writes the fd on a pipe before it is sent to the listener, and needs write for it.
	if fallback == seccomp.ActNotify {
		return nil, errors.New("SCMP_ACT_NOTIFY cannot be used as default action")
	}
	profile := &seccomp.Profile{DefaultAction: fallback, DefaultErrnoRet: errnoOf(config, "DefaultErrnoRet")}
	for _, arch := range config.Architectures {
		profile.Architectures = append(profile.Architectures, seccomp.Arch(arch))
	}
	// runc 1.1 has no Flags.
	if flags := reflect.ValueOf(config).Elem().FieldByName("Flags"); flags.IsValid() {
		for i := 0; i < flags.Len(); i++ {
			// runc has never carried out this one: the other threads end when the program starts.
			if flag := seccomp.Flag(flags.Index(i).String()); flag != seccomp.FlagTsync {
				profile.Flags = append(profile.Flags, flag)
			}
		}
	}
	for _, call := range config.Syscalls {
		if call == nil {
			return nil, errors.New("encountered nil syscall while initializing Seccomp")
		}
		action, err := actionOf(call.Action)
		if err != nil {
			return nil, err
		}
		if action == seccomp.ActNotify && call.Name == "write" {
			return nil, errors.New("SCMP_ACT_NOTIFY cannot be used for the write syscall")
		}
		rule := seccomp.Syscall{Names: []string{call.Name}, Action: action, ErrnoRet: errnoOf(call, "ErrnoRet")}
		for _, arg := range call.Args {
			if arg == nil {
				return nil, fmt.Errorf("nil argument of syscall %s", call.Name)
			}
			rule.Args = append(rule.Args, seccomp.Arg{Index: arg.Index, Value: arg.Value, ValueTwo: arg.ValueTwo, Op: operatorOf(arg.Op)})
		}
		profile.Syscalls = append(profile.Syscalls, rule)
	}
	return profile, nil
}

// errnoOf returns a field that runc has not always had.
func errnoOf(of interface{}, name string) *uint {
	if field := reflect.ValueOf(of).Elem().FieldByName(name); field.IsValid() {
		errno, _ := field.Interface().(*uint)
		return errno
	}
	return nil
}

// The maps of config.go are from the names of a profile to runc's numbers; these go back.

func actionOf(number configs.Action) (seccomp.Action, error) {
	for name, one := range actions {
		if one == number {
			return seccomp.Action(name), nil
		}
	}
	return "", fmt.Errorf("seccomp action %d is not known", number)
}

func operatorOf(number configs.Operator) seccomp.Operator {
	for name, one := range operators {
		if one == number {
			return seccomp.Operator(name)
		}
	}
	return ""
}
