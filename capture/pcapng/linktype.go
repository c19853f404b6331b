package pcapng

import (
	"fmt"

	"github.com/nlsniff/nlsniff/capture"
)

// LinkTypeError reports a capture of something that is not netlink.
type LinkTypeError struct {
	LinkType capture.LinkType
	// Name is the registered name without its LINKTYPE_ prefix, or empty.
	Name string
}

func (e *LinkTypeError) Error() string {
	if e.Name == "" {
		return fmt.Sprintf("link type %d is not netlink", e.LinkType)
	}
	return fmt.Sprintf("link type %d (%s) is not netlink", e.LinkType, e.Name)
}

func newLinkTypeError(t capture.LinkType) *LinkTypeError {
	return &LinkTypeError{LinkType: t, Name: linkTypeNames[t]}
}

// linkTypeNames holds the link types that people are likely to hand in, from
// https://www.tcpdump.org/linktypes.html.
var linkTypeNames = map[capture.LinkType]string{
	0:   "NULL",
	1:   "ETHERNET",
	6:   "IEEE802_5",
	9:   "PPP",
	12:  "RAW",
	50:  "PPP_HDLC",
	101: "RAW",
	104: "C_HDLC",
	105: "IEEE802_11",
	107: "FRELAY",
	108: "LOOP",
	113: "LINUX_SLL",
	127: "IEEE802_11_RADIOTAP",
	147: "USER0",
	187: "BLUETOOTH_HCI_H4",
	189: "USB_LINUX",
	195: "IEEE802_15_4_WITHFCS",
	201: "BLUETOOTH_HCI_H4_WITH_PHDR",
	220: "USB_LINUX_MMAPPED",
	227: "CAN_SOCKETCAN",
	228: "IPV4",
	229: "IPV6",
	239: "NFLOG",
	247: "INFINIBAND",
	249: "USBPCAP",
	253: "NETLINK",
	254: "BLUETOOTH_LINUX_MONITOR",
	271: "VSOCK",
	276: "LINUX_SLL2",
}

// canCarryNetlink reports whether frames of t can be netlink.
func canCarryNetlink(t capture.LinkType) bool {
	return t == capture.LinkTypeNetlink || t == capture.LinkTypeLinuxSLL
}

// isNetlink reports whether data, a frame of link type t, is netlink. A
// LINUX_SLL capture of the "any" device mixes netlink with everything else;
// the hardware type in bytes 2 and 3 tells them apart.
func isNetlink(t capture.LinkType, data []byte) bool {
	switch t {
	case capture.LinkTypeNetlink:
		return true
	case capture.LinkTypeLinuxSLL:
		return len(data) >= 4 && big.u16(data[2:]) == capture.ARPHRDNetlink
	}
	return false
}
