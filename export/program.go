// Package export writes the requests of a capture as something that runs, or
// reads, without nlsniff: a program in C, Go or Python, a command line of ynl, a
// program for syzkaller, lines as strace prints them, annotated bytes.
//
// Stability: v0, a part of nlsniff's own; it may change in any version.
package export

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"sort"
	"strings"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/encode"
	"github.com/nlsniff/nlsniff/render"
	"github.com/nlsniff/nlsniff/replay"
)

// Kinds are the forms that Write knows.
var Kinds = append(slices.Clone(Programs), "ynl", "syz", "strace", "hex")

// Programs are those of them that make the interfaces which were there before.
var Programs = []string{"c", "go", "python"}

// Program is what a plan sends, with what every byte of it means.
type Program struct {
	Name     string // of the capture, for people
	Sockets  []replay.Socket
	Requests []Request
	// Links are interfaces to make first, LoopbackUp says that lo is to be up.
	Links      []replay.Link
	LoopbackUp bool
	// IDs are the numbers, which Part.Slot has, of those that the kernel chose in
	// the capture.
	IDs map[replay.Learn]int
	// Hidden says that key material was replaced.
	Hidden bool

	rows, bytes int // so far
	heard       int // what the parts of replies take, likewise
}

// A program is made in memory, where each of its rows takes some two kilobytes. It
// may have so many, and so many bytes of messages.
const (
	maxRows  = 80_000
	maxBytes = 1 << 20
	// What the capture's replies may take, and what one of them, and one part,
	// takes beside its texts, in bytes.
	maxHeard = 32 << 20
	partSize = 200
)

// ErrTooLarge says that requests make a program of more than that.
var ErrTooLarge = errors.New("these are too many requests for a program")

// Request is one datagram with its messages.
type Request struct {
	replay.Request
	Proto    uint8
	Messages []Message
	// Await are the messages that the kernel answers.
	Await []Await
	// Sending is the errno, negative, that the send call failed with.
	Sending int32
	Replies []Reply
	// Known says that the capture has an answer.
	Known bool
}

// Message is one netlink message, row by row.
type Message struct {
	Op   string
	Line string // the message in one line
	Rows []Row
	JSON *encode.Value

	bytes []byte
	big   bool // its byte order
}

// Row is a container, which has no bytes, or a run of bytes that mean one thing.
type Row struct {
	Depth int
	Bytes []byte
	Text  string // "nla_len: 12"
}

// New makes a program of a plan. Key material is replaced by bytes without a
// secret unless secrets is set.
func New(name string, c *replay.Capture, plan *replay.Plan, secrets bool) (*Program, error) {
	p := &Program{Name: name, Sockets: plan.Sockets, Links: plan.Links, LoopbackUp: plan.LoopbackUp, IDs: map[replay.Learn]int{}}
	full := render.NewJSON(render.Options{ShowSecrets: true, Full: true}, false)
	line := render.NewLine(render.Options{ShowSecrets: secrets})
	for _, q := range plan.Requests {
		r := Request{Request: q, Proto: plan.Sockets[q.Socket].Proto}
		if err := p.decode(c, &r, full, line, secrets); err != nil {
			return nil, err
		}
		p.answers(c, &r, secrets)
		if p.heard > maxHeard {
			return nil, ErrTooLarge
		}
		p.Requests = append(p.Requests, r)
	}
	return p, nil
}

func abs(n int32) int32 { return max(n, -n) }

// decode takes the datagram apart.
func (p *Program) decode(c *replay.Capture, r *Request, full *render.JSON, line *render.Line, secrets bool) error {
	at := sort.Search(len(c.Frames), func(i int) bool { return c.Frames[i].Number >= r.Frame })
	if at == len(c.Frames) || c.Frames[at].Number != r.Frame {
		return fmt.Errorf("frame %d is not in the capture", r.Frame)
	}
	if d := c.Frames[at].Delivery; d != nil && d.Errno != 0 {
		r.Sending, r.Known = -abs(d.Errno), true
	}
	if p.bytes += len(r.Data); p.bytes > maxBytes {
		return ErrTooLarge
	}
	t := c.Tree(at)
	if !secrets {
		t = p.hide(c, at, t, r)
	}
	if p.rows += len(t.Nodes); p.rows > maxRows {
		return ErrTooLarge
	}
	list, err := encode.Parse(bytes.NewReader(full.Frame(nil, &render.Event{Number: r.Frame, Tree: t})))
	if err != nil {
		return err
	}
	lines := strings.Split(strings.TrimSpace(string(line.Frame(nil, &render.Event{Number: r.Frame, Tree: t}))), "\n")
	no := 0
	for m := range t.Own() {
		if no >= len(list) {
			break
		}
		msg := Message{Op: string(render.AppendOp(nil, m)), JSON: list[no], big: t.Big}
		if no < len(lines) {
			msg.Line = lineOf(lines[no])
		}
		msg.bytes = r.Data[int(m.Off)-capture.CookedLen:]
		msg.bytes = msg.bytes[:min(int(m.Len), len(msg.bytes))]
		msg.Rows = rows(list[no].Get("nodes"), r.Data[int(m.Off)-capture.CookedLen:])
		if no < len(r.Answers) && r.Answers[no] {
			const ack, dump = 4, 0x300
			r.Await = append(r.Await, Await{Seq: m.Seq, Final: m.Flags&ack != 0 || m.Flags&dump == dump})
		}
		r.Messages = append(r.Messages, msg)
		no++
	}
	return nil
}

// hide replaces the key material of a request, and returns what its frame is
// without: all forms are made of that.
func (p *Program) hide(c *replay.Capture, at int, t *dissect.Tree, r *Request) *dissect.Tree {
	var frame []byte
	for i := range t.Nodes {
		n := &t.Nodes[i]
		if !n.Kind.Leaf() || n.Len == 0 || !t.Hidden(int32(i)) {
			continue
		}
		if frame == nil {
			frame, r.Data = bytes.Clone(t.Data), bytes.Clone(r.Data)
		}
		none := bytes.Repeat([]byte{0x11}, int(n.Len))
		copy(frame[n.Off:], none)
		copy(r.Data[n.Off-capture.CookedLen:], none)
	}
	if frame == nil {
		return t
	}
	p.Hidden = true
	return c.TreeOf(at, frame)
}

// lineOf leaves out where in the capture a line is from.
func lineOf(s string) string {
	if _, rest, ok := strings.Cut(s, "kernel  "); ok {
		return rest
	}
	return strings.TrimSpace(s)
}

// rows reads the nodes of a message whose bytes start data.
func rows(nodes *encode.Value, data []byte) []Row {
	var out []Row
	if nodes == nil {
		return nil
	}
	at := 0
	for _, n := range nodes.Items {
		name, depth := textOf(n.Get("name")), 0
		fmt.Sscan(textOf(n.Get("depth")), &depth)
		hex := n.Get("hex")
		if hex == nil {
			if kind := textOf(n.Get("type")); kind != "message" {
				out = append(out, Row{Depth: depth, Text: name})
			}
			continue
		}
		size := len(hex.Text) / 2
		if at+size > len(data) {
			size = len(data) - at
		}
		b := data[at : at+size]
		at += size
		text := name
		if v := textOf(n.Get("value")); v != "" && name != "padding" {
			text += ": " + v
		}
		out = append(out, Row{Depth: depth, Bytes: b, Text: text})
	}
	return out
}

func textOf(v *encode.Value) string {
	if v == nil {
		return ""
	}
	return v.Text
}

// Write writes a program in one of the Kinds.
func (p *Program) Write(w io.Writer, kind string) error {
	var b bytes.Buffer
	var err error
	switch kind {
	case "c":
		p.c(&b)
	case "go":
		p.golang(&b)
	case "python":
		p.python(&b)
	case "hex":
		p.hex(&b)
	case "strace":
		p.strace(&b)
	case "ynl":
		err = p.ynl(&b)
	case "syz":
		p.syz(&b)
	default:
		return fmt.Errorf("no export as %q", kind)
	}
	if err != nil {
		return err
	}
	_, err = w.Write(b.Bytes())
	return err
}
