//go:build !race

package dissect_test

// slow says that the race detector makes everything ten times as slow.
const slow = false
