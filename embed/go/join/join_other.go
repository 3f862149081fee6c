//go:build !linux

package join

import (
	"context"
	"errors"
)

var errNoNamespaces = errors.New("nsenter/join: only Linux has namespaces")

// Do returns an error: only Linux has namespaces.
func (f *Function[In, Out]) Do(ctx context.Context, in In, namespaces ...string) (out Out, err error) {
	return out, errNoNamespaces
}

// Main does nothing here.
func Main() { mainCalled = true }

// IDMaps returns an error: only Linux has namespaces.
func IDMaps(path string) (uids, gids []IDMap, err error) { return nil, nil, errNoNamespaces }
