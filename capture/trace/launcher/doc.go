// Package launcher is the process between nlsniff and a command that it traces:
// it waits until it is traced, takes a filter and becomes the command. The
// filter is its own doing, since a tracer can only ask for one that a process
// installs for itself.
//
// It is this program again, under another name, and its work is done before
// the packages of the program are initialised, which takes several times as
// long as all else. The linker initialises packages in the order of their paths
// once what they import is (cmd/link/internal/ld/inittask.go). So this one
// imports nothing that comes late, and nothing of nlsniff's.
//
// Stability: v0, a part of nlsniff's own; it may change in any version.
package launcher
