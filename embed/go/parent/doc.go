//go:build !linux

// Package parent starts containers, which only Linux has. Here it is empty.
package parent
