//go:build race

package filter

// slow says that the race detector makes everything ten times as slow.
const slow = true
