// Package trace captures the netlink of chosen processes with ptrace, as they
// see it: what they send, what they receive, what they lose, and what they ask
// of their sockets. It needs no privileges for commands that it starts itself.
//
// A command runs under a seccomp filter that stops it only where it makes a
// netlink socket, and under another for each file descriptor that is one. What
// it does beside netlink runs at full speed. A process that was running
// already, and one that cannot take filters, is stopped at every system call.
//
// Stability: v0, a part of nlsniff's own; it may change in any version.
package trace
