//go:build !linux

package seccomp

import "errors"

var errNoSeccomp = errors.New("seccomp: only Linux has it")

// Load returns an error: only Linux has seccomp.
func (f *Filter) Load() (listener int, err error) { return -1, errNoSeccomp }

// Supported returns an error: only Linux has seccomp.
func (f Flag) Supported() error { return errNoSeccomp }
