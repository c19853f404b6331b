package rotate

import "time"

// flushInterval is how long a frame stays out of its file at most.
const flushInterval = 100 * time.Millisecond

// FlushOften keeps the file readable up to now. A full disk ends the capture
// even if no more frames come: then it calls broken.
func (c *File) FlushOften(broken func()) (stop func()) {
	if c == nil {
		return func() {}
	}
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(flushInterval)
		defer tick.Stop()
		for {
			select {
			case <-done:
				return
			case <-tick.C:
				if c.Flush() != nil {
					broken()
					return
				}
			}
		}
	}()
	return func() { close(done); <-ended }
}
