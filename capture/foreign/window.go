package foreign

import "io"

// window is a view on a stream that slides forward and grows with what arrived.
type window struct {
	src  io.Reader
	buf  []byte
	r, w int
	off  int64 // offset of buf[r]
	err  error
}

func newWindow(src io.Reader) *window { return &window{src: src, buf: make([]byte, 64<<10)} }

// peek returns the next n bytes, or fewer and the error that stopped it.
func (w *window) peek(n int) ([]byte, error) {
	for w.w-w.r < n {
		if w.err != nil {
			return w.buf[w.r:w.w], w.err
		}
		if w.w == len(w.buf) {
			have := w.w - w.r
			if w.r < have {
				w.buf = append(w.buf, make([]byte, len(w.buf))...)
			} else {
				copy(w.buf, w.buf[w.r:w.w])
				w.r, w.w = 0, have
			}
		}
		m, err := w.src.Read(w.buf[w.w:])
		w.w += m
		w.err = err
	}
	return w.buf[w.r : w.r+n], nil
}

func (w *window) advance(n int) {
	w.r += n
	w.off += int64(n)
}
