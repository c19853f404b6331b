package dissect_test

import (
	"testing"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
)

// TestEventOrAnswer: families whose events have the numbers of their commands.
// One without the numbers of a request is an event, unless the datagram ends a
// dump: thermal's parts have no numbers.
func TestEventOrAnswer(t *testing.T) {
	db := families.Embedded()
	ids := &families.Registry{}
	names := []string{"thermal", "mptcp_pm", "IOAM6"}
	for i, name := range names {
		ids.Learn(0, uint16(40+i), name)
	}
	done := func(seq, portid uint32) []byte {
		return le.msg(hdr{typ: 3, flags: 2, seq: seq, portid: portid}, le.u32(0))
	}
	for _, c := range []struct {
		family      int
		cmd         byte
		seq, portid uint32
		with        []byte // in the same datagram
		want        string
	}{
		{0, 1, 0, 0, nil, "THERMAL_GENL_EVENT_TZ_CREATE"},
		{0, 1, 0, 0, done(7, 9), "THERMAL_GENL_CMD_TZ_GET_ID"},
		{0, 6, 0, 0, done(7, 9), "THERMAL_GENL_CMD_CDEV_GET"},
		{0, 2, 7, 9, nil, "THERMAL_GENL_CMD_TZ_GET_TRIP"},
		{0, 2, 0, 9, nil, "THERMAL_GENL_CMD_TZ_GET_TRIP"},
		{0, 14, 0, 0, nil, "THERMAL_GENL_EVENT_CPU_CAPABILITY_CHANGE"},
		{0, 14, 0, 0, done(7, 9), "THERMAL_GENL_EVENT_CPU_CAPABILITY_CHANGE"}, // no command has 14
		{1, 3, 0, 0, nil, "MPTCP_EVENT_CLOSED"},
		{1, 3, 0, 0, done(0, 9), "MPTCP_PM_CMD_GET_ADDR"},
		{1, 3, 5, 9, done(5, 9), "MPTCP_PM_CMD_GET_ADDR"},
		{2, 1, 0, 0, nil, "IOAM6_EVENT_TRACE"},
		{2, 3, 5, 9, done(5, 9), "IOAM6_CMD_DUMP_NAMESPACES"},
	} {
		in := frame(families.ProtoGeneric, le.msg(hdr{typ: uint16(40 + c.family), seq: c.seq, portid: c.portid}, genl(c.cmd, 1)), c.with)
		in.IDs = ids
		d := dissect.New(db)
		for range 2 { // what was found of one frame is not believed of the next
			if got := nameOf(&d.Frame(in).Msgs[0]); got != c.want {
				t.Errorf("%s, command %d, seq %d, portid %d: %s, want %s", names[c.family], c.cmd, c.seq, c.portid, got, c.want)
			}
			other := frame(families.ProtoGeneric, le.msg(hdr{typ: 40}, genl(1, 1)))
			other.IDs = ids
			if got := nameOf(&d.Frame(other).Msgs[0]); got != "THERMAL_GENL_EVENT_TZ_CREATE" {
				t.Errorf("behind %s: an event is a %s", c.want, got)
			}
		}
	}
}
