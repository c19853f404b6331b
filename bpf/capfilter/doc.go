// Package capfilter is the language of capture filters (nlsniff capture -f). A
// filter is parsed once, translated to classic BPF that the kernel runs on
// every datagram of an nlmon interface, and evaluated exactly in user space
// for what the kernel's part let through.
//
// The kernel's part never drops a datagram in which a message passes the
// filter. Classic BPF has no loops, and cannot know names that the controller
// gives out later, so it accepts what it cannot decide; Program.Explain tells
// what that is.
//
// docs/capture-filter.md describes the language.
//
// Stability: v0, a part of nlsniff's own; it may change in any version.
package capfilter
