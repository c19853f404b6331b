// Package encode makes netlink messages from what people and programs write:
// the JSON that "nlsniff read" prints (docs/json.md), or names and values. It is
// the inverse of dissect and render, and reads the same descriptions.
//
// Stability: v0, a part of nlsniff's own; it may change in any version.
package encode

import (
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/render"
)

// Options say for whom a message is.
type Options struct {
	// Big is the byte order of the target: big-endian if set. A message that was
	// captured in the other one is made anew.
	Big bool
	// FamilyID returns the id under which a generic family is registered, 0 if
	// that is not known. Nil: the message's own type_id counts.
	FamilyID func(name string) uint16
	// IfIndex returns the index of the interface that has a name, 0 if there is
	// none. Nil: interfaces are numbers.
	IfIndex func(name string) uint32
	// Whole writes structs in their present length. Otherwise one that grew over
	// time is as long as the members that are there.
	Whole bool
}

// Message is one that was encoded.
type Message struct {
	Protocol uint8
	// Data starts with the nlmsghdr, unless the protocol does without, and has
	// no padding behind it.
	Data []byte
	// Big is the byte order of Data.
	Big bool
	// Genl is the name of the generic family.
	Genl string
	// Desc is the message's description, nil if nobody described it.
	Desc *families.Message
}

// Encoder makes messages by the descriptions of a DB. It is not safe for use by
// several goroutines.
type Encoder struct {
	db   *families.DB
	d    *dissect.Dissector
	p    *render.JSON
	text []byte
}

// New returns an Encoder for the families of db.
func New(db *families.DB) *Encoder { return &Encoder{db: db} }

// Error says where in the JSON something cannot be encoded.
type Error struct {
	Path string // attrs/IFLA_MTU
	Err  error
}

func (e *Error) Error() string {
	if e.Path == "" {
		return e.Err.Error()
	}
	return e.Path + ": " + e.Err.Error()
}

// Unwrap returns what is wrong there.
func (e *Error) Unwrap() error { return e.Err }

// at puts a key before the path of an error.
func at(key string, err error) error {
	var e *Error
	if errors.As(err, &e) {
		if e.Path == "" {
			return &Error{key, e.Err}
		}
		return &Error{key + "/" + e.Path, e.Err}
	}
	return &Error{key, err}
}

// encoder encodes one message.
type encoder struct {
	db   *families.DB
	opt  Options
	big  bool
	af   uint8
	dir  dissect.Dir
	id   uint64 // nlmsg_type or generic command
	hdr  header
	path []scope
	deep int
}

// maxDepth bounds how deep values nest, as the dissector's own bound does.
const maxDepth = 40

var errDeep = fmt.Errorf("more than %d levels", maxDepth)

// header is what the headers of the message at hand say.
type header struct {
	proto       uint8
	genl        string
	typ, flags  uint16
	seq, portid uint32
	cmd, ver    uint8
	hasGenl     bool
	fam         *families.Family
	desc        *families.Message
}

// Encode makes the message that an object of "read -T json" describes. With the
// nodes that --full prints, what the object says like they do keeps its bytes,
// be they as they may; the rest is made anew.
func (c *Encoder) Encode(v *Value, o Options) (*Message, error) {
	if v.Shape != Object {
		return nil, fmt.Errorf("a message is an object, not %s", shapeName(v))
	}
	e := &encoder{db: c.db, opt: o, big: o.Big}
	var base *template
	if nodes := v.Get("nodes"); nodes != nil {
		var err error
		if base, err = c.template(v, nodes); err != nil {
			return nil, err
		}
		switch {
		case base.message.Big != o.Big: // for a machine of the other byte order nothing can be copied
			base = nil
		case base.same:
			return base.message, nil
		}
	}
	data, err := e.message(nil, v, base.root())
	if err != nil {
		return nil, err
	}
	return &Message{Protocol: e.hdr.proto, Data: data, Big: e.big, Genl: e.hdr.genl, Desc: e.hdr.desc}, nil
}

// ProtocolOf returns the netlink protocol that a message's object names.
func ProtocolOf(v *Value) (uint8, error) {
	s := textOf(v.Get("protocol"))
	if p, ok := families.ProtocolNumber(s); ok {
		return p, nil
	}
	if x, err := parseNumber(strings.TrimPrefix(s, "NETLINK_")); err == nil && x <= math.MaxUint8 {
		return uint8(x), nil
	}
	if s == "" {
		return 0, at("protocol", errors.New("missing"))
	}
	return 0, at("protocol", fmt.Errorf("%q is no netlink protocol", s))
}
