package foreign

import (
	"bytes"
	"errors"
	"io"
	"time"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/capture/pcapng"
)

// Options say what an input itself does not.
type Options struct {
	// Protocol is that of messages that come without one; 0 is NETLINK_ROUTE.
	Protocol uint8
	// Location is where a time of day without a date was written, nil for UTC.
	Location *time.Location
	// Name is the file's: strace -ff puts the pid into it.
	Name string
}

// Convert is for pcapng.Options.Convert: it returns the messages of an input as a
// pcapng stream, nil if it knows nothing of what it reads, and a *RefusedError if
// there are no whole messages to be had.
func (o Options) Convert(in io.Reader) (io.Reader, error) {
	src, note, err := o.open(in)
	if err != nil || src == nil {
		return nil, err
	}
	c := &converter{src: src}
	c.out = pcapng.NewWriter(&c.made, pcapng.Section{UserAppl: "nlsniff", Comment: "made from " + note})
	return c, nil
}

// RefusedError says why an input that was recognised cannot be read.
type RefusedError struct {
	What string
	Hint string // how to get one that can
}

func (e *RefusedError) Error() string { return e.What }

// maxHead is how many bytes are looked at to find out what an input is: a mail
// may say much before it shows a message.
const maxHead = 1 << 20

// verdict is what the first bytes of an input tell.
type verdict uint8

const (
	no    verdict = iota // it is something else
	yes                  // it is this
	maybe                // more bytes are needed
)

// format is one kind of input. look tells from the first bytes, which are all if
// ended is set; an error refuses the input.
type format struct {
	note string
	look func(o *Options, head []byte, ended bool) (verdict, error)
	open func(o *Options, in io.Reader) capture.Source
}

// formats are tried in this order.
var formats = []format{
	{"the file of rtmon", lookRtmon, openRtmon},
	{"what ip saved", lookSaved, openSaved},
	{"plain messages", lookPlain, openPlain},
	{"the output of strace", lookStrace, openStrace},
	{"", lookRefused, nil},
	{"hex in a text", lookHex, openHex},
}

// open finds out what an input is.
func (o Options) open(in io.Reader) (capture.Source, string, error) {
	var head []byte
	chunk := make([]byte, 64<<10)
	for next := 4 << 10; ; {
		n, err := in.Read(chunk)
		head = append(head, chunk[:n]...)
		ended := err == io.EOF || len(head) >= maxHead
		if err != nil && err != io.EOF {
			return nil, "", err
		}
		// Looking begins at the front each time, so not at every few bytes,
		// but whatever came last of a live input must be looked at.
		if !ended && len(head) < next && n == len(chunk) {
			continue
		}
		next = 2 * len(head)
		sure := true
		for i := range formats {
			f := &formats[i]
			v, err := f.look(&o, head, ended)
			if err != nil {
				return nil, "", err
			}
			if v == yes {
				return f.open(&o, io.MultiReader(bytes.NewReader(head), in)), f.note, nil
			}
			sure = sure && v == no
		}
		if sure || ended {
			return nil, "", nil
		}
	}
}

// converter is the pcapng stream of a source.
type converter struct {
	src   capture.Source
	out   *pcapng.Writer
	made  bytes.Buffer
	frame capture.Frame
	begun bool
	err   error
}

// Read returns a *capture.CorruptError where the source has one, and goes on
// behind it.
func (c *converter) Read(p []byte) (int, error) {
	for c.made.Len() == 0 {
		if c.err != nil {
			return 0, c.err
		}
		if !c.begun {
			c.begun = true
			c.err = c.out.Flush()
			continue
		}
		c.frame = capture.Frame{}
		err := c.src.Next(&c.frame)
		var damage *capture.CorruptError
		switch {
		case errors.As(err, &damage):
			return 0, damage
		case err != nil:
			c.err = err
		default:
			if c.err = c.out.Write(&c.frame); c.err == nil {
				c.err = c.out.Flush()
			}
		}
	}
	return c.made.Read(p)
}
