package replay

import (
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/internal/frametext"
)

// TestLoopback: lo is up where a replay begins if it was so in the capture.
func TestLoopback(t *testing.T) {
	const setUp = "frame 3ms route from ip 6\n  RTM_NEWLINK REQUEST|ACK seq 2 u16:0 u16:0 u32:1 u32:1 u32:1\nframe 4ms route\n  NLMSG_ERROR CAPPED seq 2 portid 6 errno 0 header 1\n"
	for name, test := range map[string]struct {
		text  string
		frame int // that the replay begins with
		up    bool
	}{
		"nothing is known":     {"frame 1ms route from ip 5\n  RTM_GETLINK REQUEST seq 1 zero:16\n", 1, true},
		"listed as down":       {"frame 1ms route from ip 5\n  RTM_GETLINK REQUEST seq 1 zero:16\nframe 2ms route\n  RTM_NEWLINK - seq 1 portid 5 u16:0 u16:772 u32:1 u32:8 u32:0 [IFLA_IFNAME \"lo\"]\n", 1, false},
		"listed as up":         {"frame 1ms route from ip 5\n  RTM_GETLINK REQUEST seq 1 zero:16\nframe 2ms route\n  RTM_NEWLINK - seq 1 portid 5 u16:0 u16:772 u32:1 u32:9 u32:0 [IFLA_IFNAME \"lo\"]\n", 1, true},
		"brought up":           {setUp + "frame 5ms route from ip 7\n  RTM_GETADDR REQUEST|DUMP seq 3 zero:8\n", 1, false},
		"brought up before":    {setUp + "frame 5ms route from ip 7\n  RTM_GETADDR REQUEST|DUMP seq 3 zero:8\n", 3, true},
		"a blackhole refused":  {"frame 1ms route from ip 5\n  RTM_NEWNEXTHOP REQUEST|ACK|CREATE seq 1 u8:2 u8:0 u8:3 u8:0 u32:0 [NHA_ID u32:4] [NHA_BLACKHOLE]\nframe 2ms route\n  NLMSG_ERROR 0 seq 1 portid 5 errno -100 of 1\n", 1, false},
		"another interface":    {"frame 1ms route from ip 5\n  RTM_NEWNEXTHOP REQUEST|ACK|CREATE seq 1 u8:2 u8:0 u8:3 u8:0 u32:0 [NHA_ID u32:4] [NHA_OIF u32:7]\nframe 2ms route\n  NLMSG_ERROR 0 seq 1 portid 5 errno -100 of 1\n", 1, true},
		"another index listed": {"frame 1ms route from ip 5\n  RTM_GETLINK REQUEST seq 1 zero:16\nframe 2ms route\n  RTM_NEWLINK - seq 1 portid 5 u16:0 u16:1 u32:2 u32:8 u32:0 [IFLA_IFNAME \"d0\"]\n", 1, true},
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "frames.txt")
			if err := os.WriteFile(file, []byte(test.text), 0o600); err != nil {
				t.Fatal(err)
			}
			c, err := Load(&frameList{list: frametext.Load(t, file)}, families.Embedded(), dissect.OrderAuto)
			if err != nil {
				t.Fatal(err)
			}
			if up := c.loopbackUp(test.frame); up != test.up {
				t.Errorf("lo is up: %v, want %v", up, test.up)
			}
		})
	}
}

// frameList is a source of frames that are there.
type frameList struct{ list []capture.Frame }

func (l *frameList) Next(f *capture.Frame) error {
	if len(l.list) == 0 {
		return io.EOF
	}
	*f, l.list = l.list[0], l.list[1:]
	return nil
}
func (l *frameList) Stats() capture.Stats { return capture.Stats{} }
func (l *frameList) Close() error         { return nil }
