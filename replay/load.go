package replay

import (
	"encoding/binary"
	"errors"
	"io"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/flow"
	"github.com/nlsniff/nlsniff/internal/pipeline"
)

// A capture to be replayed is held in memory, with what is known of its frames and
// messages. It may take so many bytes, and MaxPacked if the file is compressed: a
// small one can unpack to anything.
const (
	MaxCapture = 256 << 20
	MaxPacked  = 64 << 20
)

// What is known of a frame, and of a message, of which each can be an exchange.
const (
	frameCost   = 400
	messageCost = 400
)

// ErrTooLarge says that a capture takes more than that.
var ErrTooLarge = errors.New("the capture is too large to be replayed as a whole")

// Capture is a capture in memory with its exchanges.
type Capture struct {
	DB     *families.DB
	Frames []Loaded
	// Exchanges are in the order of their ids, which count from 1.
	Exchanges []*flow.Exchange
	// Kernel is that of the capture's first host, as far as it says.
	Kernel Kernel
	// Corrupt is how many parts of the file could not be read.
	Corrupt int

	d *dissect.Dissector
	// answers are the messages that the kernel sent because of an exchange,
	// notifications left out.
	answers map[uint64][]flow.MsgRef
	groups  map[groupKey]Group // generic multicast groups by their number
}

// Loaded is a frame, what is known of it, and the exchanges of its messages.
type Loaded struct {
	capture.Frame
	Input dissect.Input
	Refs  []flow.Ref
}

// Load reads a source to its end. order is that of the hosts where it was
// captured.
func Load(src capture.Source, db *families.DB, order dissect.OrderOption) (*Capture, error) {
	c := &Capture{DB: db, d: dissect.New(db), answers: map[uint64][]flow.MsgRef{}, groups: map[groupKey]Group{}}
	size, most := 0, MaxPacked
	if x, ok := src.(interface{ Direct() bool }); !ok || x.Direct() {
		most = MaxCapture
	}
	for {
		var f capture.Frame
		err := src.Next(&f)
		var corrupt *capture.CorruptError
		switch {
		case errors.Is(err, io.EOF):
			return c, c.join(order, size, most)
		case errors.As(err, &corrupt):
			c.Corrupt++
			continue
		case err != nil:
			return nil, err
		}
		f.Own()
		if f.Delivery != nil {
			f.Delivery.Receivers = nil // nobody asks for them
		}
		if size += f.Size() + frameCost; size > most {
			return nil, ErrTooLarge
		}
		f.Data = append([]byte(nil), f.Data...)
		c.Frames = append(c.Frames, Loaded{Frame: f})
	}
}

// join finds out what each frame means and what belongs together. Names count
// for the whole capture: what is asked first may be named only later.
// size is what the frames take, most is what all may take.
func (c *Capture) join(order dissect.OrderOption, size, most int) error {
	s := dissect.NewSession(order)
	s.DB = c.DB
	for i := range c.Frames {
		if f := &c.Frames[i]; f.Event == nil {
			in := f.input()
			s.Prepare(&in, f.Stream())
		}
	}
	s.Complete()
	whole := s
	s = dissect.NewSession(order)
	s.DB = c.DB
	s.Adopt(whole)
	tracker := flow.NewTracker(c.DB, flow.Options{MaxOpen: 1 << 20, MaxKept: 1 << 20, Closed: func(e *flow.Exchange) {
		kept := new(flow.Exchange)
		e.CopyTo(kept, nil)
		for uint64(len(c.Exchanges)) < e.ID {
			c.Exchanges = append(c.Exchanges, nil)
		}
		c.Exchanges[e.ID-1] = kept
	}})
	for i := range c.Frames {
		f := &c.Frames[i]
		if f.Event != nil {
			pipeline.Happened(&f.Frame, tracker)
			continue
		}
		f.Input = f.input()
		s.Prepare(&f.Input, f.Stream())
		if ctrlAnswer(&f.Input) {
			c.learnGroups(f)
		}
		t := flow.Frame{Input: &f.Input}
		pipeline.Tracked(&f.Frame, &t)
		f.Refs = append(f.Refs, tracker.Observe(&t)...)
		if size += len(f.Refs) * messageCost; size > most {
			return ErrTooLarge
		}
		for no, r := range f.Refs {
			switch r.Role {
			case flow.Reply, flow.Ack, flow.Failure, flow.Done:
				if r.Copy == 0 {
					c.answers[r.Exchange] = append(c.answers[r.Exchange], flow.MsgRef{Frame: i, Msg: int32(no)})
				}
			}
		}
	}
	tracker.Close()
	return nil
}

func (f *Loaded) input() dissect.Input {
	return dissect.Input{Number: f.Number, Data: f.Data, OrigLen: f.OrigLen, Dir: dissect.Dir(f.Dir)}
}

// Exchange returns an exchange by its number, nil if there is none.
func (c *Capture) Exchange(id uint64) *flow.Exchange {
	if id == 0 || id > uint64(len(c.Exchanges)) {
		return nil
	}
	return c.Exchanges[id-1]
}

// Tree decodes a frame by its index. It is valid until the next call.
func (c *Capture) Tree(i int) *dissect.Tree { return c.d.Frame(&c.Frames[i].Input) }

// TreeOf decodes a frame with other bytes in place of its own, likewise.
func (c *Capture) TreeOf(i int, data []byte) *dissect.Tree {
	in := c.Frames[i].Input
	in.Data = data
	return c.d.Frame(&in)
}

// Shrink lets go of what one large frame took.
func (c *Capture) Shrink() { c.d.Shrink() }

// load reads the frames of a result as those of a capture.
func (r *Result) load(db *families.DB) (*Capture, error) {
	order := dissect.OrderLittle
	if bigHost {
		order = dissect.OrderBig
	}
	return Load(&resultSource{r: r}, db, order)
}

// resultSource yields the frames of a result.
type resultSource struct {
	r  *Result
	at int
}

func (s *resultSource) Next(f *capture.Frame) error {
	if s.at == len(s.r.Frames) {
		return io.EOF
	}
	x := &s.r.Frames[s.at]
	s.at++
	*f = x.Frame(s.at)
	return nil
}

func (s *resultSource) Stats() capture.Stats { return capture.Stats{Frames: uint64(s.at)} }
func (s *resultSource) Close() error         { return nil }

// Frame returns the frame as captures have it, with a number.
func (x *Frame) Frame(number int) capture.Frame {
	data := make([]byte, capture.CookedLen, capture.CookedLen+len(x.Data))
	binary.BigEndian.PutUint16(data[2:], capture.ARPHRDNetlink)
	binary.BigEndian.PutUint16(data[14:], uint16(x.Proto))
	data = append(data, x.Data...)
	f := capture.Frame{
		Number: number, Time: x.Time, Data: data, OrigLen: len(data), Dir: capture.DirToKernel,
		Process:  capture.Process{PID: 1, Comm: "nlsniff"},
		Comment:  x.Comment,
		Delivery: &capture.Delivery{Socket: capture.Socket{FD: -1, PortID: x.PortID, Inode: uint64(x.PortID), Options: x.Options | capture.OptKnown}, Errno: x.Errno},
	}
	if x.Received {
		f.Dir = capture.DirFromKernel
	}
	return f
}

// Source yields the frames of a result as those of a capture, to be written or
// shown.
func (r *Result) Source() capture.Source { return &resultSource{r: r} }

// bigHost says that this machine is big-endian.
var bigHost = binary.NativeEndian.Uint16([]byte{0, 1}) == 1
