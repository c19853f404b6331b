package main

import (
	"os"
	"runtime/debug"
)

// memoryGoal is what the garbage collector is told to stay below, in bytes. A
// small input needs less (docs/limits.md); without the goal the collector would
// let what is dead take as much again as what is in use.
const memoryGoal = 64 << 20

// boundMemory sets the goal, unless whoever started the program set one.
func boundMemory() {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryGoal)
	}
}
