package capture

// Levels of socket options.
const (
	SolSocket  = 1   // SOL_SOCKET of asm-generic/socket.h
	SolNetlink = 270 // SOL_NETLINK of linux/socket.h
)

// netlinkOptions are those of SOL_NETLINK (linux/netlink.h), by their number.
var netlinkOptions = [...]string{
	1: "NETLINK_ADD_MEMBERSHIP", 2: "NETLINK_DROP_MEMBERSHIP", 3: "NETLINK_PKTINFO", 4: "NETLINK_BROADCAST_ERROR",
	5: "NETLINK_NO_ENOBUFS", 6: "NETLINK_RX_RING", 7: "NETLINK_TX_RING", 8: "NETLINK_LISTEN_ALL_NSID", 9: "NETLINK_LIST_MEMBERSHIPS",
	10: "NETLINK_CAP_ACK", 11: "NETLINK_EXT_ACK", 12: "NETLINK_GET_STRICT_CHK",
}

// socketOptions are those of SOL_SOCKET (asm-generic/socket.h) that programs
// set on netlink sockets.
var socketOptions = map[int32]string{
	1: "SO_DEBUG", 2: "SO_REUSEADDR", 7: "SO_SNDBUF", 8: "SO_RCVBUF", 12: "SO_PRIORITY", 16: "SO_PASSCRED", 18: "SO_RCVLOWAT",
	20: "SO_RCVTIMEO", 21: "SO_SNDTIMEO", 26: "SO_ATTACH_FILTER", 27: "SO_DETACH_FILTER", 29: "SO_TIMESTAMP", 32: "SO_SNDBUFFORCE",
	33: "SO_RCVBUFFORCE", 34: "SO_PASSSEC", 35: "SO_TIMESTAMPNS", 36: "SO_MARK", 37: "SO_TIMESTAMPING", 44: "SO_LOCK_FILTER",
	46: "SO_BUSY_POLL", 50: "SO_ATTACH_BPF", 63: "SO_TIMESTAMP_NEW", 64: "SO_TIMESTAMPNS_NEW", 66: "SO_RCVTIMEO_NEW", 67: "SO_SNDTIMEO_NEW",
}

// OptionName returns the name of a socket option, "" if it has none here.
func OptionName(level, option int32) string {
	switch {
	case level == SolSocket:
		return socketOptions[option]
	case level == SolNetlink && option > 0 && int(option) < len(netlinkOptions):
		return netlinkOptions[option]
	}
	return ""
}

// Names yields the names of the options that are set.
func (o SocketOptions) Names() (list []string) {
	for i, name := range netlinkOptions {
		if name != "" && o>>i&1 != 0 {
			list = append(list, name)
		}
	}
	return list
}
