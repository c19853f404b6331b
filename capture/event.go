package capture

// EventKind says what happened.
type EventKind uint8

// The kinds of events.
const (
	EventNone    EventKind = iota
	EventSocket            // a socket was made, or found open when the capture began
	EventBind              // Value: the mask of groups
	EventConnect           // Value: nl_pid of the peer
	EventOption            // Level, Option, Value
	EventJoin              // Group
	EventLeave             // Group
	EventOverrun           // ENOBUFS: the kernel had no room for messages. Value: how many, 0 if unknown
	EventRefused           // a call failed: Call, Errno
	EventClose             // Value: AllRead if there was nothing left in the socket, 0 if that is not known
	EventUnread            // a socket is about to close with an answer in it: Value is its nlmsg_seq, Errno that of an error
	EventExec              // Text: the program
	EventExit              // Value: the exit code, or 128 and the signal
	EventUnseen            // something that the source cannot follow: Text, and Hint
	EventCut               // a read had too little room: Value is how many bytes of a datagram were lost, 0 if unknown
	numEventKinds
)

var eventNames = [numEventKinds]string{
	"", "socket", "bind", "connect", "option", "join", "leave", "overrun", "refused", "close", "unread", "exec", "exit", "unseen", "cut",
}

func (k EventKind) String() string {
	if k >= numEventKinds {
		return "unknown"
	}
	return eventNames[k]
}

// AllRead is the Value of an EventClose whose socket had nothing left in it, and
// had lost nothing: whatever the kernel said is in the capture.
const AllRead = 1

// EventKinds are the names of all kinds, in the order of their numbers.
func EventKinds() []string { return eventNames[1:] }

// Event is what a source saw that is no datagram. Its time, process and comment
// are the frame's that carries it. Members that the kind does not name are zero.
type Event struct {
	Kind EventKind
	// Proto is the netlink protocol of the socket; HasProto is false where
	// there is no socket.
	Proto    uint8
	HasProto bool
	Socket   Socket
	Group    uint32
	Level    int32 // SOL_NETLINK or SOL_SOCKET
	Option   int32
	Value    int64
	Errno    int32 // negative if the call failed
	Call     Call
	Text     string
	Hint     string // what to do about it
}

// AskedText is the Text of an EventOption whose Value the program did not set but
// asked for.
const AskedText = "asked by getsockopt"

// Valued says whether an EventOption has a Value: a program that asked and was refused
// got none.
func (e *Event) Valued() bool { return e.Errno == 0 || e.Text != AskedText }

// EAGAIN and EINTR of asm-generic/errno-base.h.
const (
	eintr  = 4
	eagain = 11
)

// Trouble says that the event is one that a reader of messages must know of:
// something was lost, or is not seen.
func (e *Event) Trouble() bool {
	switch e.Kind {
	case EventOverrun, EventUnread, EventUnseen, EventCut:
		return true
	case EventRefused:
		// Nothing to read yet, or a signal first, is how programs wait.
		return e.Errno != -eagain && e.Errno != -eintr
	}
	return false
}
