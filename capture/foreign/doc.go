// Package foreign reads netlink messages out of what is no capture but holds
// them all the same: the files of rtmon and ip(8), plain streams of messages, what
// strace prints with dumps, and hex in any text.
//
// What an input is, its content tells. Each format is a capture.Source in a file
// of its own; Convert makes a pcapng stream of it, so that whatever reads captures
// reads these too. An input that holds less than whole messages is refused with
// what would have them.
//
// Stability: v0, a part of nlsniff's own; it may change in any version.
package foreign
