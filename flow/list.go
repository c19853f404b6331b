package flow

// entry is an exchange with its places in the tracker's lists.
type entry struct {
	ex Exchange

	bound    bool // ex.PortID is known
	closed   bool
	reported bool
	change   bool   // not a question: it may cause notifications
	quiet    bool   // no answer is due but an error
	nothing  bool   // the kernel answers such with nothing but an error
	late     bool   // the answer comes when it is ready
	twice    bool   // the ACK comes before the data
	acked    bool   // an ACK came
	spoke    bool   // the socket got the answer to a later request
	mates    bool   // its frame holds other requests, whose socket is not known
	several  bool   // its frame holds other requests
	probe    bool   // it asks for nothing: the error is the answer
	dead     Reason // why the kernel does nothing of it
	intr     bool
	short    bool // the receiver got only a part of an answer
	partial  bool // the capture is a part of another, which has more of it
	multi    bool // answers came in parts: a DONE is due
	orphan   bool
	says     bool   // the answer has the kernel's words
	claim    uint32 // the portid that the request gives itself
	length   uint32 // nlmsg_len of the request
	part     uint16 // nlmsg_type of the answers so far
	lossAt   int    // the tracker's count of losses when it began
	hash     uint64
	contest  contest
	start    uint64 // the first part of a dump begins so
	perhaps  bool   // it may have been answered at the portid of a running dump
	guessed  bool   // it was taken in place of such a request
	runs     bool   // it is in Tracker.running
	batch    batch
	cycle    cycle

	among    *table // waiting, bound or past, nil if it is not found by its numbers
	key      uint64
	inNumber links   // in its bucket
	socket   *socket // whose list it is in, nil if none
	since    int64   // the tracker's count of frames when the timer began
	at       int64   // and its time
	in       [numLists]links
	timer    *list
	next     *entry // free entries

	kept [3][]byte // request, reply and answer, by Parts
}

type links struct{ prev, next *entry }

// The lists that an entry can be in.
const (
	byAge    = iota // Tracker.open or Tracker.kept
	byTimer         // one of those that wait
	bySocket        // socket.open
	byBatch         // Tracker.batches
	byDump          // Tracker.running
	numLists
)

// list is a doubly linked list through one of an entry's links.
type list struct {
	head, tail *entry
	n          int
	k          uint8 // which links
}

func (l *list) push(e *entry) {
	e.in[l.k] = links{l.tail, nil}
	if l.tail != nil {
		l.tail.in[l.k].next = e
	} else {
		l.head = e
	}
	l.tail = e
	l.n++
}

func (l *list) remove(e *entry) {
	k := e.in[l.k]
	if k.prev != nil {
		k.prev.in[l.k].next = k.next
	} else {
		l.head = k.next
	}
	if k.next != nil {
		k.next.in[l.k].prev = k.prev
	} else {
		l.tail = k.prev
	}
	e.in[l.k] = links{}
	l.n--
}

// insert puts an entry behind another, nil for the start.
func (l *list) insert(e, after *entry) {
	if after == l.tail {
		l.push(e)
		return
	}
	k := links{prev: after}
	if after != nil {
		k.next = after.in[l.k].next
		after.in[l.k].next = e
	} else {
		k.next = l.head
		l.head = e
	}
	k.next.in[l.k].prev = e
	e.in[l.k] = k
	l.n++
}
