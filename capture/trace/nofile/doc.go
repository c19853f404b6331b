// Package nofile knows the limit of open files that this process began with. Go
// raises it for itself and puts it back in the programs that it starts; whoever
// starts one without Go's help has to do so too, and package syscall does not tell.
//
// Stability: v0, a part of nlsniff's own; it may change in any version.
package nofile
