//go:build !linux

// Package parent starts containers, which only exist on Linux. On other systems it is empty.
package parent
