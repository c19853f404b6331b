// Package interrupt catches SIGINT early where it was ignored when this process
// began, as a shell without job control has it for what it puts into the background.
//
// Who sends it nevertheless means it, and may do so at once, as a script that starts
// a capture and ends it. Until it is caught, the kernel throws it away and nobody
// knows; where it is not ignored, it ends a process that has not begun anything, and
// nothing has to be done.
package interrupt

import (
	"os"
	"os/signal"
	"syscall"
)

// early has the signal that came before somebody asked for it.
var early = make(chan os.Signal, 1)

// It is caught here and not in main, which begins when all packages have filled
// their tables: packages are initialised in the order of their paths as what they
// import is (Go's specification, "Program initialization"), and this one imports
// nothing but what it takes to catch a signal.
func init() {
	if signal.Ignored(syscall.SIGINT) {
		signal.Notify(early, syscall.SIGINT)
	}
}

// Notify is signal.Notify for an end of the process. It passes on a SIGINT that came
// before, and leaves out SIGHUP where it is ignored: whoever did that (nohup) wants
// the process to outlive the terminal.
func Notify(ch chan<- os.Signal, sigs ...os.Signal) {
	hup := signal.Ignored(syscall.SIGHUP)
	for _, sig := range sigs {
		if sig != syscall.SIGHUP || !hup {
			signal.Notify(ch, sig)
		}
	}
	// Now that it is caught twice, no moment is left in which it is not.
	select {
	case sig := <-early:
		select {
		case ch <- sig:
		default: // it came just now
		}
	default:
	}
	signal.Stop(early)
}

// Leave has SIGINT ignored again if it was, for a program that is started and is to
// find it as it was.
func Leave() { signal.Stop(early) }
