package nlsniff

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"
	"sync"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/families/ynl"
)

// Message is a netlink message, Value an attribute, a header's member or an
// element in it, Secret a value that is key material, and Error what a message
// says of a request that was refused: see package dissect.
type (
	Message = dissect.Message
	Value   = dissect.Value
	Secret  = dissect.Secret
	Error   = dissect.KernelError
)

// Direction says who sent bytes to whom.
type Direction = capture.Direction

// The directions. With Unknown the messages themselves tell.
const (
	Unknown    = capture.DirUnknown
	ToKernel   = capture.DirToKernel
	FromKernel = capture.DirFromKernel
	UserToUser = capture.DirUserToUser
)

// Protocols of linux/netlink.h, as on Linux unix.NETLINK_ROUTE and so on.
const (
	ProtoRoute     = families.ProtoRoute
	ProtoSockDiag  = families.ProtoSockDiag
	ProtoXFRM      = families.ProtoXFRM
	ProtoNetfilter = families.ProtoNetfilter
	ProtoUevent    = families.ProtoUevent
	ProtoGeneric   = families.ProtoGeneric
)

// Decoder knows the descriptions of messages, and of one capture or one socket
// what its frames told: the names of generic families and interfaces, the byte
// order, the requests that errors answer.
type Decoder struct {
	db    *families.DB
	order dissect.OrderOption
	named []named

	mu      sync.Mutex
	session *dissect.Session
	d       *dissect.Dissector
	number  int // of the last frame
}

type named struct {
	id   uint16
	name string
}

// Option directs a Decoder.
type Option func(*Decoder) error

// WithSpec adds a description in nlsniff's own language (docs/descriptions.md).
// It takes the place of one that nlsniff came with. name stands for it in
// errors, which are a *families.SpecError.
func WithSpec(name, text string) Option {
	return func(d *Decoder) error {
		f, err := families.ParseSpec(name, text, d.db.Load)
		if err != nil {
			return err
		}
		d.db.Add(f, false)
		return nil
	}
}

// WithYNL adds the descriptions of a file: one of the kernel's
// Documentation/netlink/specs, a .spec of nlsniff, or a folder of either.
func WithYNL(path string) Option {
	return func(d *Decoder) error {
		list, _, err := ynl.LoadPath(path, d.db.Load)
		if err != nil {
			return err
		}
		for _, f := range list {
			d.db.Add(f, false)
		}
		return nil
	}
}

// WithFamily says which generic family has an id. In a capture the controller's
// messages mostly say so; bytes from one socket do not.
func WithFamily(id uint16, name string) Option {
	return func(d *Decoder) error {
		const maxName, minID = 15, 16 // GENL_NAMSIZ-1, GENL_MIN_ID of linux/genetlink.h
		if id < minID || name == "" || len(name) > maxName {
			return fmt.Errorf("family %q with id %d: a name has 1 to %d bytes, an id is %d or more", name, id, maxName, minID)
		}
		d.named = append(d.named, named{id, name})
		return nil
	}
}

// WithByteOrder says which byte order messages have, instead of having it found
// out from their lengths.
func WithByteOrder(o binary.ByteOrder) Option {
	return func(d *Decoder) error {
		d.order = dissect.OrderLittle
		if o.Uint16([]byte{1, 0}) != 1 {
			d.order = dissect.OrderBig
		}
		return nil
	}
}

// NewDecoder returns a Decoder for one capture or one socket.
func NewDecoder(options ...Option) (*Decoder, error) {
	d := &Decoder{db: families.Embedded()}
	for _, o := range options {
		if err := o(d); err != nil {
			return nil, fmt.Errorf("nlsniff: %w", err)
		}
	}
	d.session = dissect.NewSession(d.order)
	d.session.DB = d.db
	for _, n := range d.named {
		d.session.Preset(n.id, n.name)
	}
	d.d = dissect.New(d.db)
	return d, nil
}

// Families lists the names of the descriptions that the decoder has.
func (d *Decoder) Families() []string {
	var list []string
	for _, i := range d.db.List() {
		list = append(list, i.Name)
	}
	return list
}

// cooked returns bytes of a socket as a frame: behind the header that captures
// have (LINKTYPE_NETLINK).
func cooked(protocol uint8, raw []byte) []byte {
	b := make([]byte, capture.CookedLen, capture.CookedLen+len(raw))
	binary.BigEndian.PutUint16(b, 4) // PACKET_OUTGOING, as in every frame of nlmon
	binary.BigEndian.PutUint16(b[2:], capture.ARPHRDNetlink)
	binary.BigEndian.PutUint16(b[capture.CookedLen-2:], uint16(protocol))
	return append(b, raw...)
}

// Bytes decodes one datagram of a socket of some protocol (unix.NETLINK_ROUTE,
// NETLINK_GENERIC): what a program passed to send, or got from recv. The bytes
// are copied. Malformed ones are among the frame's Findings.
func (d *Decoder) Bytes(protocol uint8, dir Direction, raw []byte) *Frame {
	data := cooked(protocol, raw)
	return d.decode(&capture.Frame{Data: data, OrigLen: len(data), Dir: dir})
}

// Decode decodes one frame of a source. It is copied.
func (d *Decoder) Decode(f *capture.Frame) *Frame {
	c := *f
	c.Data = bytes.Clone(f.Data)
	if f.Delivery != nil {
		to := *f.Delivery
		to.Receivers = slices.Clone(to.Receivers)
		c.Delivery = &to
	}
	if f.Event != nil {
		e := *f.Event
		c.Event = &e
	}
	return d.decode(&c)
}

// decode keeps f.
func (d *Decoder) decode(f *capture.Frame) *Frame {
	d.mu.Lock()
	defer d.mu.Unlock()
	in := d.learn(f)
	out := &Frame{Frame: *f}
	if f.Event != nil {
		out.happened()
		return out
	}
	out.Data, out.OrigLen = in.Data, in.OrigLen // without what is too much of it
	out.decoded(d.d.Frame(in).Clone(), in)
	return out
}

// learn takes what a frame tells of later ones, and returns what is known of it.
// d.mu is held.
func (d *Decoder) learn(f *capture.Frame) *dissect.Input {
	if f.Number <= d.number {
		f.Number = d.number + 1
	}
	d.number = f.Number
	in := &dissect.Input{Number: f.Number, Data: f.Data, OrigLen: max(f.OrigLen, len(f.Data)), Dir: dissect.Dir(f.Dir)}
	if f.Event == nil {
		d.session.Prepare(in, f.Stream())
	}
	return in
}

// Filter compiles a display filter (docs/filter.md) for frames of any decoder.
// Its error shows where the expression is wrong.
func (d *Decoder) Filter(expr string) (*Filter, error) { return newFilter(expr, d.db) }
