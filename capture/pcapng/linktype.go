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
	return isCooked(t) || t == capture.LinkTypeLinuxSLL2
}

// isCooked reports whether frames of t start with the cooked header that
// capture.Frame has.
func isCooked(t capture.LinkType) bool {
	return t == capture.LinkTypeNetlink || t == capture.LinkTypeLinuxSLL
}

// Where things are in the header of LINUX_SLL2
// (https://www.tcpdump.org/linktypes/LINKTYPE_LINUX_SLL2.html): the protocol, 2
// bytes reserved, 4 of the interface's index, the hardware type, a byte of the
// packet type, one of the address's length, 8 of the address.
const (
	sll2Hatype  = 8
	sll2Pkttype = 10
	sll2Address = 12
	sll2Len     = 20
)

// cookSLL2 appends a frame of LINUX_SLL2 with the cooked header of the other link
// types. Of a header that was cut it appends what comes before the cut.
func cookSLL2(dst, data []byte) []byte {
	dst = append(dst, 0, data[sll2Pkttype], data[sll2Hatype], data[sll2Hatype+1], 0, data[sll2Address-1])
	if len(data) < sll2Len {
		return append(dst, data[sll2Address:]...)
	}
	dst = append(dst, data[sll2Address:sll2Len]...)
	dst = append(dst, data[:2]...)
	return append(dst, data[sll2Len:]...)
}

// isNetlink reports whether data, a frame of link type t, is netlink. A
// capture of the "any" device mixes netlink with everything else; the hardware
// type tells them apart.
func isNetlink(t capture.LinkType, data []byte) bool {
	switch t {
	case capture.LinkTypeNetlink:
		return true
	case capture.LinkTypeLinuxSLL:
		return len(data) >= 4 && big.u16(data[2:]) == capture.ARPHRDNetlink
	case capture.LinkTypeLinuxSLL2:
		return len(data) >= sll2Address && big.u16(data[sll2Hatype:]) == capture.ARPHRDNetlink
	}
	return false
}
