// Package flow joins messages into exchanges: a request with everything that
// the kernel sent because of it. It reads headers only, in the order of the
// frames, keeps a bounded number of exchanges in memory, and does no I/O.
// docs/exchanges.md says by which rules it joins.
//
// Stability: v0, a part of nlsniff's own; it may change in any version.
package flow

import (
	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
)

// State says how an exchange stands or ended.
type State uint8

// The states.
const (
	Open         State = iota // an answer may still come
	Answered                  // the data that was asked for came, and no ACK was asked for
	Acknowledged              // an ACK, or the DONE of a dump
	Failed                    // the kernel refused
	Interrupted               // a dump that changed while it was read (NLM_F_DUMP_INTR)
	Truncated                 // the receiver's buffer was too small for an answer
	Unanswered                // see Reason
	Orphan                    // answers to a request that was sent before the capture began
	numStates
)

var stateNames = [numStates]string{"open", "answered", "acknowledged", "failed", "interrupted", "truncated", "unanswered", "orphan"}

func (s State) String() string { return stateNames[s] }

// States are the names of all states, in the order of their numbers.
func States() []string { return stateNames[:] }

// OK says whether the kernel did what it was asked, as far as the capture
// tells.
func (e *Exchange) OK() bool {
	switch e.State {
	case Answered, Acknowledged:
		return e.Reason != Discarded && e.Reason != NotReached
	case Unanswered:
		switch e.Reason {
		case Applied, PresumablyApplied, DoneQuietly, PresumablyDone:
			return true
		}
	case Failed:
		return e.Reason == Probe
	}
	return false
}

// Refused says whether the kernel refused what somebody wanted done: an error
// that is no answer to a probe.
func (e *Exchange) Refused() bool { return e.Errors > 0 && e.Reason != Probe }

// Reason says why there is no answer, or what to make of it.
type Reason uint8

// The reasons.
const (
	NoReason          Reason = iota
	Applied                  // no ACK was asked for, and the socket got an answer to a later request, or the kernel announced the change
	PresumablyApplied        // no ACK was asked for, and no error came while the capture lasted
	DoneQuietly              // as Applied, of what changes nothing
	PresumablyDone
	Discarded    // an nfnetlink batch that is not whole
	NotReached   // the kernel stops at the end of a datagram's first batch
	Ignored      // the socket got the answer to a later request
	NoneCame     // but others got the answers to later requests
	AckLost      // the data came, the ACK did not
	Probe        // an error that tells what the program wants to know
	CaptureEnded // before the answer
	Loss         // frames were lost while the answer was due
	Evicted      // too many open exchanges; this one was given up
	NoRequest    // without NLM_F_REQUEST the kernel ignores a message
	Unread       // the dump goes on when the program reads it, and it does not
	SocketGone   // the socket was closed
	NeverRead    // it was closed with the answer in it
	NotSent      // the kernel did not take the message
	Unclear      // its socket's number was given out again: another dump with the same numbers may have got what came
	LeftOut      // the capture is a part of another, and what came is in that
	EndsUnacked  // of a batch, only BATCH_BEGIN or BATCH_END asked for an ACK, which Linux sends since 6.11, and none came
	numReasons
)

var reasonNames = [numReasons]string{
	"", "applied", "presumably applied", "done", "presumably done", "thrown away", "not looked at", "ignored, or its answer was lost", "none came",
	"its ACK was lost", "a probe", "capture ended", "frames lost", "evicted", "no NLM_F_REQUEST", "not read to its end",
	"its socket was closed", "the answer was not read", "not sent",
	"its answers may be another's", "left out of this part", "no ACK came of its BATCH_BEGIN or BATCH_END",
}

func (r Reason) String() string { return reasonNames[r] }

// Reasons are the texts of all reasons, in the order of their numbers.
func Reasons() []string { return reasonNames[Applied:] }

// Role is what a message is in its exchange.
type Role uint8

// The roles.
const (
	NoRole       Role = iota // in no exchange: an event, or not netlink's framing
	Request                  // what was asked
	Reply                    // data that was asked for
	Ack                      // NLMSG_ERROR with 0
	Failure                  // NLMSG_ERROR or NLMSG_DONE with an errno
	Done                     // the end of a dump
	Notification             // a consequence: what the kernel tells others
	Copy                     // the same message as one before, for another receiver
	numRoles
)

var roleNames = [numRoles]string{"", "request", "reply", "ack", "error", "done", "notification", "copy"}

func (r Role) String() string { return roleNames[r] }

// Ref says to which exchange a message belongs, and of which it is a copy; the
// zero Ref means none.
type Ref struct {
	Exchange uint64
	Role     Role
	Copy     int32 // the same message went to so many receivers before; 0 for the first
	Of       int32 // number of the frame that went to the first, 0 for none
}

// MsgRef is the place of a message in a capture.
type MsgRef struct {
	Frame int   // number of the frame, 0 for none
	Msg   int32 // number of the message in its frame, from 0
}

// Process is who sent a request. Zero members are unknown.
type Process struct {
	PID, TID  uint32
	Comm, Exe string
	NetNS     uint64 // inode number of the network namespace
	UID       uint32 // if HasUID
	HasUID    bool
	Cgroup    string
}

// maxEffects is how many notifications an exchange names; all are counted.
const maxEffects = 8

// Exchange is a request and what came of it. Times are nanoseconds since the
// Unix epoch.
type Exchange struct {
	ID      uint64 // counts exchanges of a capture from 1, in the order of their first messages
	Section int
	Proto   uint8
	PortID  uint32 // of the socket; 0 until an answer tells it
	Seq     uint32
	State   State
	Reason  Reason

	Type   uint16 // nlmsg_type of the request; of the first answer if the exchange is an orphan
	Flags  uint16
	Cmd    uint8 // of the generic header
	HasCmd bool
	Dump   bool
	Batch  bool // an nfnetlink batch: one transaction of many messages

	Request  MsgRef
	Messages int // in the request: more than one in a batch
	Length   int // bytes of the request
	First    MsgRef
	Answer   MsgRef // what ended it: ACK, error, DONE, or the first reply
	Errno    int32  // negative, of the first error
	Errors   int    // in a batch there can be several
	AckTLVs  bool   // the ACK or error says more than a number

	Replies, ReplyBytes    int
	Notified, NotifiedSize int                // notifications, each once
	Copies                 int                // of these, for further listeners
	Effects                [maxEffects]MsgRef // the first notifications

	Start     int64 // when the request was sent
	FirstTime int64 // of the first answer, 0 if none came
	End       int64 // of the last answer

	Process                       Process
	Socket                        Socket
	RequestComment, AnswerComment string    // of the packets, as the capture has them
	Learned                       bool      // Process comes from the answers: the request's frame has none
	Findings                      []Finding // sorted by code

	// What the capture tells of names at the time.
	IDs   *families.Registry
	Links *dissect.Links
	Sets  *dissect.Sets

	// What Options.Keep asked for: the request (a batch: all of it), the
	// first reply, and the message that ended the exchange. Each starts with
	// an nlmsghdr, and the request ends with what stands behind its frame's
	// last message. They are valid only while Options.Closed runs.
	RequestBytes, ReplyData, AnswerBytes []byte
	Cut                                  Parts // of these, what is not there as a whole
	Big                                  bool  // byte order of these
}

// Latency returns the time to the first answer, in nanoseconds; false if none
// came or the request is not in the capture.
func (e *Exchange) Latency() (int64, bool) {
	if e.FirstTime == 0 || e.Start == 0 {
		return 0, false
	}
	return e.FirstTime - e.Start, true
}

// Duration returns the time to the last answer, like Latency.
func (e *Exchange) Duration() (int64, bool) {
	if e.FirstTime == 0 || e.Start == 0 {
		return 0, false
	}
	return e.End - e.Start, true
}
