//go:build !linux

package seccomp

import "errors"

var errNoSeccomp = errors.New("seccomp: only Linux has it")

// ErrNative says that a filter is for programs on another machine than this one.
var ErrNative = errors.New("seccomp: the filter is for another machine")

// Load returns an error: only Linux has seccomp.
func (f *Filter) Load() (listener int, err error) { return -1, errNoSeccomp }

// Supported returns an error: only Linux has seccomp.
func (f Flag) Supported() error { return errNoSeccomp }
