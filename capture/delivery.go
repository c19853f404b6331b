package capture

// SocketOptions are the options of a netlink socket that are switches
// (SOL_NETLINK of linux/netlink.h). The bit of an option is 1 shifted by its
// number.
type SocketOptions uint32

// The options that change what a program gets to read.
const (
	OptPktInfo       SocketOptions = 1 << 3  // NETLINK_PKTINFO
	OptBroadcastErr  SocketOptions = 1 << 4  // NETLINK_BROADCAST_ERROR
	OptNoENOBUFS     SocketOptions = 1 << 5  // NETLINK_NO_ENOBUFS
	OptListenAllNSID SocketOptions = 1 << 8  // NETLINK_LISTEN_ALL_NSID
	OptCapAck        SocketOptions = 1 << 10 // NETLINK_CAP_ACK
	OptExtAck        SocketOptions = 1 << 11 // NETLINK_EXT_ACK
	OptStrictChk     SocketOptions = 1 << 12 // NETLINK_GET_STRICT_CHK
	// OptKnown says that the other bits are all there is to know: without it
	// a bit that is not set may be set in truth.
	OptKnown SocketOptions = 1 << 31
)

// Socket is one netlink socket. Zero members are unknown, but for FD.
type Socket struct {
	FD      int32  // file descriptor in its process, -1 if unknown
	PortID  uint32 // nl_pid
	Inode   uint64
	Options SocketOptions
}

// Call is the system call that sent or received a datagram.
type Call uint8

// The calls.
const (
	CallUnknown Call = iota
	CallSend         // sendto
	CallSendMsg
	CallSendMMsg
	CallWrite
	CallWriteV
	CallRecv // recvfrom
	CallRecvMsg
	CallRecvMMsg
	CallRead
	CallReadV
	numCalls
)

var callNames = [numCalls]string{"", "sendto", "sendmsg", "sendmmsg", "write", "writev", "recvfrom", "recvmsg", "recvmmsg", "read", "readv"}

func (c Call) String() string {
	if c >= numCalls {
		return ""
	}
	return callNames[c]
}

// CallNamed is the inverse of Call.String.
func CallNamed(s string) (Call, bool) {
	for c, name := range callNames {
		if name == s && s != "" {
			return Call(c), true
		}
	}
	return 0, false
}

// Delivery is how a datagram went over a socket, as the process at that end saw
// it.
type Delivery struct {
	// Socket is that of Frame.Process, which sent or received the datagram.
	Socket Socket
	Call   Call
	// Errno is what the call that sent it failed with, negative; 0 if it did
	// not.
	Errno int32
	// Peer is the nl_pid at the other end, 0 for the kernel.
	Peer uint32
	// Group is the multicast group, 0 for unicast or if it is not known.
	Group uint32
	// Buffer is how many bytes the receiver had room for, 0 if that is not
	// known; Lost is how many of the datagram did not fit. They are what
	// Frame.OrigLen counts beyond Frame.Data.
	Buffer, Lost uint32
	// AtLeast says that Lost is what the messages' headers miss: there may
	// have been more.
	AtLeast bool
	// Receivers are all processes that the datagram reached, where the source
	// knows more than one.
	Receivers []Receiver
}

// Receiver is one of several that a datagram reached, or did not reach.
type Receiver struct {
	Process Process
	Socket  Socket
	Group   uint32 // that it is a member of
	Overrun bool   // its buffer was full: it did not get the datagram
}
