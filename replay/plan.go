// Package replay sends the requests of a capture again and compares what the
// kernel answers with what it answered then.
//
// A Plan says what to send: it is data, which can be written as JSON, handed to
// a process in another network namespace or in a virtual machine, and run
// there by Run. What comes of it is a Result: frames in the order in which they
// went over the sockets. Load reads the frames of a capture and those of a
// Result in the same way, so that Compare sets like against like.
//
//	c, err := replay.Load(source, options)
//	plan, err := c.Plan(pick)
//	result, err := replay.Namespace{}.Run(ctx, plan)
//	report := replay.Compare(c, plan, result)
//
// Stability: v0, a part of nlsniff's own; it may change in any version.
package replay

import (
	"time"

	"github.com/nlsniff/nlsniff/capture"
)

// Plan is what to send, in order.
type Plan struct {
	Sockets  []Socket  `json:"sockets"`
	Requests []Request `json:"requests"`
	// Links are interfaces that are not made by the requests and that must be
	// there before them; each becomes one of its kind, or else a dummy.
	Links []Link `json:"links,omitempty"`
	// LoopbackUp brings lo up first, unless the capture tells that it was down.
	LoopbackUp bool `json:"loopback_up,omitempty"`
	// Speed is what the time between requests is divided by; 0: no waiting.
	Speed float64 `json:"speed,omitempty"`
	// Specs are files and folders with descriptions, beside the embedded ones,
	// that say which values in answers are ids.
	Specs []string `json:"specs,omitempty"`
	// Why asks a process that runs the plan elsewhere for the places in the
	// kernel where requests are refused.
	Why bool `json:"why,omitempty"`
}

// Waits is how long a plan waits between its requests, all in all.
func (p *Plan) Waits() time.Duration {
	var d time.Duration
	if p.Speed > 0 {
		for i := range p.Requests {
			d += time.Duration(float64(p.Requests[i].After) / p.Speed)
		}
	}
	return d
}

// Socket is a netlink socket of the capture.
type Socket struct {
	Proto  uint8   `json:"protocol"`
	PortID uint32  `json:"portid,omitempty"` // in the capture, 0 if it is not known
	Groups []Group `json:"groups,omitempty"` // that it is a member of
}

// Group is a multicast group: of a generic family by its name, since its number
// is the kernel's choice, else by its number, counted from 1.
type Group struct {
	Family string `json:"family,omitempty"`
	Name   string `json:"name,omitempty"`
	ID     uint32 `json:"id,omitempty"`
}

// Request is one datagram to send; it can hold several messages.
type Request struct {
	Frame  int `json:"frame"`  // number in the capture, 0 if it is not from one
	Socket int `json:"socket"` // index in Plan.Sockets
	// Data are netlink messages in this machine's byte order, each with its
	// nlmsghdr.
	Data []byte `json:"data"`
	// Options are those of the socket when it sends this.
	Options capture.SocketOptions `json:"options"`
	// Rewrites are the places in Data that cannot be sent as they stand.
	Rewrites []Rewrite `json:"rewrites,omitempty"`
	// Answers says for each message of Data whether the kernel is to be
	// waited for: it answered this message in the capture.
	Answers []bool `json:"answers,omitempty"`
	// Exchanges are those of the capture that the messages belong to, 0 for
	// none.
	Exchanges []uint64 `json:"exchanges,omitempty"`
	// Learns are the ids that the answers in the capture told, in order.
	Learns []Learn `json:"learns,omitempty"`
	// Prepares says that the request is there only because others need what
	// it makes.
	Prepares bool   `json:"prepares,omitempty"`
	Op       string `json:"op"` // for people: the operation of the first message that is asked for something
	// Makes is the name of the interface that it makes, if it does.
	Makes string `json:"makes,omitempty"`
	After int64  `json:"after_ns,omitempty"` // since the request before it, in nanoseconds
}

// RewriteKind says what a Rewrite puts in.
type RewriteKind string

// The kinds of rewrite.
const (
	RewritePortID RewriteKind = "portid" // that of the socket
	RewriteFamily RewriteKind = "family" // the id of the generic family called Name
	RewriteIndex  RewriteKind = "index"  // of the interface called Name, "" if the capture does not tell
	RewriteGen    RewriteKind = "gen"    // the generation id of nf_tables
	RewriteID     RewriteKind = "id"     // what a reply gave in the place of Value; Name is the space of ids
)

// Rewrite is an integer in a request whose value depends on where it is sent.
type Rewrite struct {
	Kind  RewriteKind `json:"kind"`
	Off   int         `json:"offset"` // in Request.Data, in bytes
	Size  int         `json:"size"`   // in bytes
	Big   bool        `json:"big_endian,omitempty"`
	Value uint64      `json:"value"` // in the capture
	Name  string      `json:"name,omitempty"`
	// Field is the attribute or member, for people.
	Field string `json:"field"`
}

// Learn is a place in a captured reply whose value is an id that the kernel
// chose: what stands there now is what the captured value becomes.
type Learn struct {
	Space string `json:"space"`
	Value uint64 `json:"value"`
}

// Result is what came of a plan.
type Result struct {
	Kernel Kernel  `json:"kernel"`
	Frames []Frame `json:"frames"`
	// Sent has an element a request, in the order of Plan.Requests.
	Sent []Sent `json:"sent"`
	// Refused are the places in the kernel that refused, where they were asked
	// for; NoWhy says why they are not known.
	Refused []Refused `json:"refused,omitempty"`
	NoWhy   string    `json:"no_why,omitempty"`
}

// Kernel is what uname says.
type Kernel struct {
	Release string `json:"release"`
	Version string `json:"version,omitempty"`
	Machine string `json:"machine,omitempty"`
}

func (k Kernel) String() string {
	if k.Release == "" {
		return "unknown kernel"
	}
	if k.Machine == "" {
		return k.Release
	}
	return k.Release + " " + k.Machine
}

// Sent is what became of a request.
type Sent struct {
	Frame int `json:"frame"` // index in Result.Frames plus 1; 0 if it was not sent
	// Errno is what the send call failed with, negative.
	Errno int32 `json:"errno,omitempty"`
	// Skipped says why the request was not sent.
	Skipped string `json:"skipped,omitempty"`
	// Notes are what had to be done differently, for people.
	Notes []string `json:"notes,omitempty"`
	// Late says that an answer was waited for that did not come.
	Late bool `json:"late,omitempty"`
}

// Frame is a datagram that went over a socket.
type Frame struct {
	Time     int64                 `json:"time"` // ns since the epoch
	Proto    uint8                 `json:"protocol"`
	PortID   uint32                `json:"portid"`
	Options  capture.SocketOptions `json:"options"`
	Received bool                  `json:"received,omitempty"`
	// Request is the index in Plan.Requests that it belongs to, -1 for what
	// the replay itself asks.
	Request int    `json:"request"`
	Errno   int32  `json:"errno,omitempty"` // of the send call, negative
	Data    []byte `json:"data"`
	Comment string `json:"comment,omitempty"`
}
