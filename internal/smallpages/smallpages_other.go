//go:build !linux

package smallpages
