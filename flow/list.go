package flow

// entry is an exchange with its places in the tracker's lists.
type entry struct {
	ex Exchange

	bound    bool // ex.PortID is known
	closed   bool
	reported bool
	change   bool // not a question: it may cause notifications
	twice    bool // the ACK comes before the data
	acked    bool
	intr     bool
	short    bool // the receiver got only a part of an answer
	multi    bool // answers came in parts: a DONE is due
	orphan   bool
	says     bool   // the answer has the kernel's words
	claim    uint32 // the portid that the request gives itself
	length   uint32 // nlmsg_len of the request
	part     uint16 // nlmsg_type of the answers so far
	subsys   uint16 // of a batch
	lossAt   int    // the tracker's count of losses when it began
	hash     uint64
	lo, hi   uint32 // the sequence numbers of a batch

	among    *list // of Tracker.waiting or Tracker.bound
	inNumber links // there
	since    int64 // when the timer began
	inAge    links
	inTimer  links
	timer    *list
	next     *entry // free entries

	req, reply, answer []byte
}

type links struct{ prev, next *entry }

// list is a doubly linked list through one of an entry's links.
type list struct {
	head, tail *entry
	n          int
	of         func(*entry) *links
}

func age(e *entry) *links    { return &e.inAge }
func timer(e *entry) *links  { return &e.inTimer }
func number(e *entry) *links { return &e.inNumber }

func (l *list) push(e *entry) {
	k := l.of(e)
	k.prev, k.next = l.tail, nil
	if l.tail != nil {
		l.of(l.tail).next = e
	} else {
		l.head = e
	}
	l.tail = e
	l.n++
}

func (l *list) remove(e *entry) {
	k := l.of(e)
	if k.prev != nil {
		l.of(k.prev).next = k.next
	} else {
		l.head = k.next
	}
	if k.next != nil {
		l.of(k.next).prev = k.prev
	} else {
		l.tail = k.prev
	}
	*k = links{}
	l.n--
}
