//go:build race

package machine

// Race says whether the race detector watches this program.
const Race = true
