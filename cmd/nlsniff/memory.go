package main

import (
	"os"
	"runtime"
	"runtime/debug"
)

const (
	// memoryGoal is what the garbage collector is told to stay below, in bytes. A
	// small input needs less (docs/limits.md); without the goal the collector would
	// let what is dead take as much again as what is in use.
	memoryGoal = 48 << 20
	// maxProcessors are the processors that are worth having: frames are read one
	// after the other, and each processor more keeps memory of its own.
	maxProcessors = 8
)

// boundMemory sets the goal, unless whoever started the program set one, and
// leaves processors to others that would only take more of it.
func boundMemory() {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryGoal)
	}
	boundProcessors()
}

func boundProcessors() {
	if runtime.GOMAXPROCS(0) > maxProcessors {
		runtime.GOMAXPROCS(maxProcessors)
	}
}
