package pcapng

import (
	"errors"
	"fmt"
	"io"
	"math"
	"sort"
	"sync"

	"github.com/nlsniff/nlsniff/capture"
)

// ErrCompressed is returned for random access to a compressed file.
var ErrCompressed = errors.New("a compressed file has no random access")

// Index gives random access to the frames that a Reader has delivered. It
// costs 4 bytes a frame. Its methods may be called from several goroutines,
// while the Reader that fills it goes on.
type Index struct {
	in io.ReaderAt

	mu       sync.RWMutex
	offsets  offsets
	numbers  []numberStep
	sections []indexSection
	err      error
	large    spare
}

// numberStep says how far frame numbers are ahead of indexes from an index
// on: in a file of netlink alone there is one step.
type numberStep struct{ from, ahead int }

// indexSection is a section and the offset of its header.
type indexSection struct {
	start int64
	section
}

// NewIndex returns an empty index of in. Give it to the Reader of the same
// file as Options.Index; the Reader must have started at offset 0 of in.
func NewIndex(in io.ReaderAt) *Index { return &Index{in: in} }

// BuildIndex reads the first size bytes of in once. Damaged parts are left
// out and returned as errors in damage, at most 100 of them.
func BuildIndex(in io.ReaderAt, size int64) (x *Index, damage []*capture.CorruptError, err error) {
	x = NewIndex(in)
	r, err := NewReader(io.NewSectionReader(in, 0, size), Options{Index: x})
	if err != nil {
		return nil, nil, err
	}
	defer r.Close()
	if r.Compression() != Uncompressed {
		return nil, nil, ErrCompressed
	}
	for {
		var f capture.Frame
		var bad *capture.CorruptError
		switch err := r.Next(&f); {
		case err == nil:
		case err == io.EOF:
			return x, damage, nil
		case errors.As(err, &bad):
			if len(damage) < 100 {
				damage = append(damage, bad)
			}
		default:
			return nil, damage, err
		}
	}
}

// Len is the number of frames in the index.
func (x *Index) Len() int {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return x.offsets.n
}

// Frame reads frame i, counted from 0. f.Data is newly allocated.
func (x *Index) Frame(i int, f *capture.Frame) error {
	at, number, s, err := x.find(i)
	if err != nil {
		return err
	}
	br := &BlockReader{
		opt:     Options{MaxBlock: math.MaxInt32}, // the Reader's limit was kept
		in:      newWindow(io.NewSectionReader(x.in, at, 1<<62), x.blockLen(at, &s), false),
		format:  s.format,
		e:       s.e,
		started: true,
		single:  true,
		pcap:    pcapState{past: true, nano: true},
	}
	br.in.spare = &x.large
	defer br.in.settle(f)
	var b Block
	if err := br.next(&b); err != nil {
		return fmt.Errorf("frame %d at offset %d: the file has changed: %w", number, at, err)
	}
	b.Offset = at
	if isEvent(&b) {
		err := s.fillEvent(f, &b, &keeper{})
		f.Number = number
		return err
	}
	if !b.IsPacket() {
		return fmt.Errorf("frame %d at offset %d: the file has changed", number, at)
	}
	if ok, err := s.fill(f, &b, &keeper{}); !ok {
		if err == nil {
			err = errNotNetlink
		}
		return fmt.Errorf("frame %d at offset %d: the file has changed: %w", number, at, err)
	}
	f.Number = number
	return nil // damaged options were reported by the Reader
}

// blockLen is how long the block at an offset says it is, within reason: as much
// is read of it at once, and kept with the frame.
func (x *Index) blockLen(at int64, s *section) int {
	var head [pcapRecordLen]byte
	if n, _ := x.in.ReadAt(head[:], at); n < minBlock {
		return windowSmall
	}
	n := s.e.u32(head[4:])
	if s.format == FormatPcap {
		n = s.e.u32(head[8:]) + pcapRecordLen
	}
	return int(max(minBlock, min(n, windowSmall)))
}

// Find returns the index of the frame with this Frame.Number.
func (x *Index) Find(number int) (i int, ok bool) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	i = sort.Search(x.offsets.n, func(i int) bool { return x.number(i) >= number })
	return i, i < x.offsets.n && x.number(i) == number
}

var errNotNetlink = errors.New("not a netlink frame")

// find looks up what reading frame i needs.
func (x *Index) find(i int) (at int64, number int, s section, err error) {
	at, number, _, s, err = x.locate(i)
	return at, number, s, err
}

// locate is find, with the offset of the section's header.
func (x *Index) locate(i int) (at int64, number int, start int64, s section, err error) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	if x.err != nil {
		return 0, 0, 0, s, x.err
	}
	if i < 0 || i >= x.offsets.n {
		return 0, 0, 0, s, fmt.Errorf("frame index %d is not in the %d of the file", i, x.offsets.n)
	}
	at = x.offsets.at(i)
	n := sort.Search(len(x.sections), func(n int) bool { return x.sections[n].start > at })
	return at, x.number(i), x.sections[n-1].start, x.sections[n-1].section, nil
}

// number is the Frame.Number of frame i.
func (x *Index) number(i int) int {
	n := sort.Search(len(x.numbers), func(n int) bool { return x.numbers[n].from > i })
	return i + x.numbers[n-1].ahead
}

func (x *Index) add(offset int64, number int) {
	x.mu.Lock()
	defer x.mu.Unlock()
	i := x.offsets.n
	x.offsets.add(offset)
	if n := len(x.numbers); n == 0 || x.numbers[n-1].ahead != number-i {
		x.numbers = append(x.numbers, numberStep{from: i, ahead: number - i})
	}
}

func (x *Index) addSection(start int64, s section) {
	x.mu.Lock()
	defer x.mu.Unlock()
	s.ifaces = nil
	x.sections = append(x.sections, indexSection{start: start, section: s})
}

// addInterface adds to the last section. A reader that holds the slice of
// before still sees every interface that its frames can refer to.
func (x *Index) addInterface(i iface) {
	x.mu.Lock()
	defer x.mu.Unlock()
	s := &x.sections[len(x.sections)-1]
	s.ifaces = append(s.ifaces, i)
}

func (x *Index) fail(err error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.err = err
}
