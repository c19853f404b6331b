package flow

import "time"

const (
	// quietSettled is how long an exchange whose end is known waits for more to
	// be told of it where no frames come: what it waits for comes within
	// microseconds.
	quietSettled = 100 * time.Millisecond
	// quietLinger is the same for a dump that came out wrong: the program may
	// read it again.
	quietLinger = time.Second
)

// Tick says what time it is, in nanoseconds since the Unix epoch, to a Tracker
// of what happens now: exchanges whose end is known are then reported though no
// further frame comes. It ends none on which no word was said: time is no
// evidence. A recording needs no Tick, its frames are all there.
func (t *Tracker) Tick(now int64) {
	t.ticked = now
	for e := t.settled.head; e != nil && now-e.at >= int64(quietSettled); e = t.settled.head {
		t.conclude(e, NoReason)
	}
	for e := t.linger.head; e != nil && now-e.at >= int64(quietLinger); e = t.linger.head {
		t.notRetried(e)
		t.report(e)
	}
}
