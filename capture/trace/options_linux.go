//go:build linux && (amd64 || arm64)

package trace

import "os"

// Options say what to trace.
type Options struct {
	// Command is a command to run, with its arguments. It gets this process's
	// standard files.
	Command []string
	// Stdout takes the place of standard output, nil for none.
	Stdout *os.File
	// PIDs are processes that run already, to be traced with their children
	// until Stop.
	PIDs []int
	// NoFilter stops processes at every system call, as it must be where no
	// filter can be installed.
	NoFilter bool
	// Notify is told from the tracer's thread what the command does.
	Notify func(Signal)
	// Go starts a goroutine; nil means the go statement.
	Go func(func())
}

// Counts are what a source saw beside the datagrams it delivers.
type Counts struct {
	Processes uint64 // that were traced
	Sockets   uint64 // netlink sockets that were followed
	Sent      uint64 // datagrams
	Received  uint64
	Cut       uint64 // datagrams that did not fit the receiver's buffer
	Overruns  uint64 // times that a receiver had no room
	Failed    uint64 // sends that failed
	// Unseen counts what was noticed and not followed: sockets and calls.
	Unseen uint64
	// Slow counts the processes that were stopped at every system call.
	Slow uint64
}
