package dissect_test

import (
	"fmt"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
)

// The tree of a frame, and what is wrong with it: an MTU of two bytes.
func Example() {
	frame := []byte{
		0, 4, 0x03, 0x38, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, // the cooked header, of NETLINK_ROUTE
		40, 0, 0, 0, 16, 0, 5, 0, 1, 0, 0, 0, 0, 0, 0, 0, // nlmsghdr: RTM_NEWLINK
		0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, // ifinfomsg
		6, 0, 4, 0, 0xdc, 5, 0, 0, // IFLA_MTU
	}
	session := dissect.NewSession(dissect.OrderAuto) // learns names from the frames of a capture
	d := dissect.New(families.Embedded())
	in := dissect.Input{Number: 1, Data: frame, OrigLen: len(frame)}
	session.Prepare(&in, 0)
	tree := d.Frame(&in)
	for m := range tree.Own() {
		fmt.Println(m.Message.Name)
	}
	for i := range tree.Findings {
		f := &tree.Findings[i]
		fmt.Printf("%s %s, byte %d: %s\n", f.Severity(), f.Name(), f.Off, f.AppendText(nil))
	}
	// Output:
	// RTM_NEWLINK
	// warning attr.size, byte 52: 2 bytes of payload where the type has 4
}
