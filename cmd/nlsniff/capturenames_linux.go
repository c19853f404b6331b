package main

import (
	"fmt"
	"slices"
	"sync"

	"github.com/nlsniff/nlsniff/bpf/capfilter"
	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/capture/nlmon"
	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/families/live"
)

// captureNames knows what generic family ids mean while a capture goes on, and
// decides by that what the capture filter keeps. All but follow is for the
// goroutine that captures.
type captureNames struct {
	ask      func() (*live.Registry, error)
	registry *live.Registry // nil before it was needed, or if the kernel cannot be asked
	asked    bool           // it was needed
	warn     func(error)
	home     uint64            // inode number of the network namespace that the registry is in
	filter   *capfilter.Filter // nil: everything is kept
	session  *dissect.Session
	number   int             // of frames, those that are not kept included
	pending  []capture.Frame // what the kernel told on our asking
	// described are the families that nobody needs to be told of.
	described func() map[string]bool
	known     map[string]bool // families that need no policies: described, or asked for
	done      chan struct{}
}

// prepare sets up the names and the filter, before anything is opened that
// would have to be removed again.
func (r *capturing) prepare(o *nlmon.Options) error {
	order := dissect.OrderLittle
	if bigEndian {
		order = dissect.OrderBig
	}
	n := &captureNames{
		ask: live.Open, warn: r.warn, home: nlmon.HomeNetNS(),
		session: dissect.NewSession(order), known: map[string]bool{}, done: make(chan struct{}),
	}
	r.names = n
	// Descriptions take time and memory that a file alone does not need.
	descriptions := sync.OnceValues(r.descriptions)
	n.described = sync.OnceValue(func() map[string]bool {
		db, err := descriptions()
		if err != nil {
			return nil
		}
		return genericFamilies(db)
	})
	if r.flags.filter != "" {
		db, err := descriptions()
		if err != nil {
			return err
		}
		if n.filter, err = capfilter.Parse(r.flags.filter, filterNames{db}); err != nil {
			return filterError(err)
		}
	} else if len(r.flags.specs) > 0 {
		if _, err := descriptions(); err != nil {
			return err // now, not when one is needed
		}
	}
	if r.reader != nil || n.filter != nil {
		if n.need(); n.registry != nil && r.reader != nil {
			r.reader.db.OnMissing(n.registry.Describe)
		}
	}
	if r.flags.redact {
		db, err := descriptions()
		if err != nil {
			return err
		}
		r.redact = newRedactor(db, order)
	}
	o.Keep = n.keep
	if n.filter == nil {
		return nil
	}
	p := n.program()
	var err error
	if o.Filter, err = p.Raw(); err != nil {
		return fmt.Errorf("capture filter: %w", err)
	}
	if r.flags.explain {
		for _, line := range explain(p) {
			say(r.stderr, line)
		}
	}
	return nil
}

// genericFamilies are those that are described.
func genericFamilies(db *families.DB) map[string]bool {
	list := map[string]bool{}
	for _, in := range db.List() {
		list[in.Genl] = true
	}
	return list
}

// need opens the registry, once, when something has no name.
func (n *captureNames) need() {
	if n.asked {
		return
	}
	n.asked = true
	var err error
	if n.registry, err = n.ask(); err != nil {
		n.registry = nil
		n.warn(fmt.Errorf("families that register later may stay without a name: %w", err))
	}
}

// descriptions are those of what is printed, or read for the filter alone.
func (r *capturing) descriptions() (*families.DB, error) {
	if r.reader != nil {
		return r.reader.db, nil
	}
	return loadFamilies(r.flags.specs, func(s string) { say(r.stderr, "warning:", s) })
}

func (n *captureNames) program() *capfilter.Program {
	var known capfilter.KnownIDs
	if n.registry != nil {
		known = n.registry.IDs()
	}
	return n.filter.Program(known, 0)
}

func (n *captureNames) close() {
	close(n.done)
	if n.registry != nil {
		n.registry.Close()
	}
}

// follow gives the kernel a new program when families come and go, until
// close.
func (n *captureNames) follow(src *nlmon.Source, warn func(error)) {
	if n.registry == nil || n.filter == nil || !n.filter.Dynamic() {
		return
	}
	for {
		select {
		case <-n.done:
			return
		case <-n.registry.Changed():
		}
		raw, err := n.program().Raw()
		if err == nil {
			err = src.SetFilter(raw)
		}
		if err != nil {
			warn(err) // the old one goes on, and lets new families through
			return
		}
	}
}

// learn takes the names that a frame tells.
func (n *captureNames) learn(f *capture.Frame) { n.prepare(f) }

func (n *captureNames) prepare(f *capture.Frame) *dissect.Input {
	in := &dissect.Input{Number: n.number, Data: f.Data, OrigLen: f.OrigLen, Dir: dissect.Dir(f.Dir)}
	n.session.Prepare(in, f.Stream())
	return in
}

// keep decides about a frame that the kernel's part of the filter let through.
func (n *captureNames) keep(f *capture.Frame) bool {
	n.number++
	proto := f.Data[capture.CookedLen-1]
	payload := f.Data[capture.CookedLen:]
	if proto != families.ProtoGeneric {
		return n.filter == nil || n.filter.Match(&capfilter.Frame{Proto: proto, Data: payload, Big: bigEndian})
	}
	if n.registry != nil {
		if ownTalk(f, n.registry, n.home) {
			return false // what we asked ourselves
		}
		if tellsFamily(payload) {
			n.registry.Learn(payload)
		}
	}
	in := n.prepare(f)
	n.askFor(in, f)
	if n.filter == nil || n.filter.Match(&capfilter.Frame{Proto: proto, Data: payload, Big: bigEndian, Number: n.number, IDs: in.IDs}) {
		return true
	}
	if tellsFamily(payload) && len(n.pending) < maxPending {
		// What the filter keeps may need the name.
		c := *f
		c.Data = slices.Clone(f.Data)
		c.Comment = "not passed by the capture filter, but kept for the name of a family"
		n.pending = append(n.pending, c)
	}
	return false
}

// maxPending bounds the frames that wait for one that the filter keeps.
const maxPending = 4096

// tellsFamily says whether a datagram is the controller's notification that a
// family came or went.
func tellsFamily(payload []byte) bool {
	const genlHdrLen, newFamily, delFamily = 4, 1, 2 // CTRL_CMD_NEWFAMILY, CTRL_CMD_DELFAMILY
	if len(payload) < nlmsgHdrLen+genlHdrLen || hostOrder.Uint16(payload[4:]) != genlCtrl || portid(payload) != 0 {
		return false
	}
	cmd := payload[nlmsgHdrLen]
	return hostOrder.Uint16(payload[6:])&1 == 0 && (cmd == newFamily || cmd == delFamily)
}

// askFor asks the kernel for the ids in a frame that have no name, and for the
// policies of families that nobody described.
func (n *captureNames) askFor(in *dissect.Input, f *capture.Frame) {
	for b := range messages(in.Data[capture.CookedLen:]) {
		id := hostOrder.Uint16(b[4:])
		if id <= genlCtrl {
			continue
		}
		name := in.IDs.Name(id, in.Number)
		if name == "" {
			if n.need(); n.registry == nil {
				return
			}
			var talk []live.Message
			name, talk = n.registry.Ask(id)
			n.take(talk, f)
		}
		if name == "" || n.known[name] {
			continue
		}
		n.known[name] = true
		if n.described()[name] {
			continue
		}
		if n.need(); n.registry == nil {
			return
		}
		n.take(n.registry.Policies(name), f)
	}
}

// take keeps what was said, and learns from it.
func (n *captureNames) take(talk []live.Message, beside *capture.Frame) {
	for _, m := range talk {
		frame := told(m, beside)
		n.learn(&frame)
		n.pending = append(n.pending, frame)
	}
}

// told returns what was said since it was last called.
func (n *captureNames) told() []capture.Frame {
	p := n.pending
	n.pending = nil
	return p
}

// told makes a frame of a message of ours, as if it had been captured where
// another frame was.
func told(m live.Message, beside *capture.Frame) capture.Frame {
	f := capture.Frame{
		Time: beside.Time, Dir: capture.DirFromKernel, Flags: capture.FlagAsked, Interface: beside.Interface,
		Comment: "nlsniff asked for this, to read a family",
	}
	f.Process.NetNS = beside.Process.NetNS
	if m.ToKernel {
		f.Dir = capture.DirToKernel
	}
	f.Data = append(f.Data, 0, 4, capture.ARPHRDNetlink>>8, capture.ARPHRDNetlink&0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, families.ProtoGeneric)
	f.Data = append(f.Data, m.Data...)
	f.OrigLen = len(f.Data)
	return f
}
