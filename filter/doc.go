// Package filter is the display-filter language: Wireshark's, over what the
// descriptions name. Compile reads an expression once; a Matcher, one for each
// goroutine, asks it of messages. docs/filter.md is the language's
// documentation, and its examples are tests.
//
// A filter is evaluated message by message. It asks as little as it can: a
// test of headers reads the bytes of the header, a test of attributes looks
// them up where they stand, and only what is left needs the decoded tree. All
// three give the same answer; a test compares them.
//
// Stability: v0, a part of nlsniff's own; it may change in any version.
package filter
