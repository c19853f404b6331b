package dissect

// Bounds of one frame. What they cost at the most is in docs/limits.md.
const (
	// MaxFrame is how many bytes of a frame are decoded: the cooked header and
	// the largest datagram that the kernel hands to nlmon, which a socket's
	// receive buffer bounds in practice.
	MaxFrame = cookedLen + 4<<20
	// MaxNodes is how many rows its tree has before attributes are not split any
	// more; each message still gets the rows of its headers. maxMsgs bounds the
	// messages, maxFindings what is found.
	MaxNodes    = 1 << 17
	maxFindings = 1 << 14
	maxMsgs     = 1 << 13
	// maxFamilies bounds the generic families that are remembered with their
	// descriptions: the kernel has numbers for fewer (GENL_MAX_ID of
	// linux/genetlink.h).
	maxFamilies = 1 << 10
)

// clip leaves out what is too much of a frame. The tree says so.
func clip(in *Input) {
	if len(in.Data) > MaxFrame {
		in.OrigLen = max(in.OrigLen, len(in.Data))
		in.Data = in.Data[:MaxFrame:MaxFrame]
	}
}

// full says whether the tree has as many rows as it may.
func (d *Dissector) full() bool {
	return len(d.t.Nodes)+d.left >= MaxNodes
}

// stop ends a run of attributes or messages at off in a tree that is full.
func (d *Dissector) stop(k Kind, off, end int) {
	if off >= end {
		return
	}
	if !d.over {
		d.over = true
		// There is room for this one, however many findings there are.
		d.t.Findings = append(d.t.Findings, Finding{Code: FrameLimit, Node: int32(len(d.t.Nodes)), Off: uint32(off), Len: uint32(end - off), A: MaxNodes, B: maxMsgs})
	}
	d.leaf(k, nil, nil, off, end)
}

// Shrink lets go of the memory that a large frame took. The last tree is not
// valid any more.
func (d *Dissector) Shrink() {
	if d.sub != nil {
		d.sub.Shrink()
	}
	const keep = 1 << 14 // rows
	if cap(d.t.Nodes) > keep {
		d.t.Nodes = nil
	}
	if cap(d.t.Msgs) > keep/8 {
		d.t.Msgs = nil
	}
	if cap(d.t.Findings) > keep {
		d.t.Findings = nil
	}
}
