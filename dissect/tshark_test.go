package dissect_test

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"fmt"
	"os/exec"
	"regexp"
	"strconv"
	"testing"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/internal/need"
	"github.com/nlsniff/nlsniff/internal/pcaptest"
)

// header is an nlmsghdr at its place in a frame.
type header struct {
	off, typ, flags, seq, portid uint64
}

func (h header) String() string {
	return fmt.Sprintf("@%d type %d flags 0x%x seq %d portid %d", h.off, h.typ, h.flags, h.seq, h.portid)
}

// pdmlField is a line of tshark -T pdml about bytes. A field in another may
// repeat its bytes.
var pdmlField = regexp.MustCompile(`<field name="([^"]*)".* size="([0-9]+)" pos="([0-9]+)" .*value="([0-9a-f]*)"`)

// tsharkHeaders lists the message headers that tshark finds, by frame. The
// name of the field that holds the type differs by protocol, so fields are
// told by where they are: tshark's word is how many messages there are, where
// they start, and which bytes it takes for which member.
func tsharkHeaders(t *testing.T, tshark, file string) [][]header {
	// By default tshark gives a frame up after so many messages.
	cmd := exec.Command(tshark, "-r", file, "-T", "pdml", "-o", "gui.max_tree_depth:5000")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("tshark: %v", err)
	}
	var frames [][]header
	missing := 0 // members of the header at hand that have not come yet
	lines := bufio.NewScanner(bytes.NewReader(out))
	lines.Buffer(nil, 1<<24)
	for lines.Scan() {
		line := lines.Bytes()
		if bytes.HasPrefix(line, []byte("<packet>")) {
			frames, missing = append(frames, nil), 0
			continue
		}
		isLen := bytes.Contains(line, []byte(`"netlink.hdr_len"`))
		if !isLen && missing == 0 {
			continue
		}
		f := pdmlField.FindSubmatch(line)
		if f == nil {
			continue
		}
		off, _ := strconv.ParseUint(string(f[3]), 10, 64)
		raw, _ := hex.DecodeString(string(f[4]))
		now, val := &frames[len(frames)-1], dissect.Uint(raw, false)
		if isLen {
			*now = append(*now, header{off: off})
			missing = 1 | 2 | 4 | 8
			continue
		}
		h := &(*now)[len(*now)-1]
		switch { // flags come twice where their upper bits have a meaning
		case off == h.off+4 && len(raw) == 2:
			h.typ, missing = val, missing&^1
		case string(f[1]) == "netlink.hdr_flags" && off == h.off+6:
			h.flags, missing = val, missing&^2
		case string(f[1]) == "netlink.hdr_seq":
			h.seq, missing = val, missing&^4
		case string(f[1]) == "netlink.hdr_pid":
			h.portid, missing = val, missing&^8
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return frames
}

// withoutLogEnd drops the NLMSG_DONE that ends a batch of logged packets, which
// tshark does not show as a message.
func withoutLogEnd(tree *dissect.Tree, ours, theirs []header) []header {
	const logged = 4 << 8 // NFNL_SUBSYS_ULOG, NFULNL_MSG_PACKET
	if n := len(ours); tree.Proto == families.ProtoNetfilter && n == len(theirs)+1 && n > 1 && ours[0].typ == logged && ours[n-1].typ == 3 {
		return ours[:n-1]
	}
	return ours
}

// ours lists the headers that we find.
func ours(tree *dissect.Tree) []header {
	var out []header
	for i := range tree.Msgs {
		m := &tree.Msgs[i]
		if m.Datagram {
			continue // no header to compare
		}
		out = append(out, header{uint64(m.Off), uint64(m.Type), uint64(m.Flags), uint64(m.Seq), uint64(m.PortID)})
	}
	return out
}

// withoutZeros drops the message that tshark sees in zeros behind the last one.
// Some requests of iproute2 end in the unused part of a buffer. A length of 0
// ends the datagram for the kernel, and for us.
func withoutZeros(tree *dissect.Tree, headers []header) []header {
	if len(headers) == 0 {
		return headers
	}
	last := headers[len(headers)-1]
	for i := range tree.Findings {
		if f := &tree.Findings[i]; f.Code == dissect.FrameZeros && last == (header{off: uint64(f.Off)}) {
			return headers[:len(headers)-1]
		}
	}
	return headers
}

// TestTshark: tshark and we agree on what messages there are.
func TestTshark(t *testing.T) {
	if slow {
		t.Skip("nearly all of it is reading what tshark says, in one goroutine")
	}
	tshark := need.Tool(t, "tshark")
	db := families.Embedded()
	for _, name := range pcaptest.Names {
		t.Run(name, func(t *testing.T) {
			theirs := tsharkHeaders(t, tshark, pcaptest.Path(name+".pcap"))
			inputs := pcaptest.Inputs(t, name, dissect.NewSession(dissect.OrderAuto))
			if len(theirs) != len(inputs) {
				t.Fatalf("tshark lists %d frames, we %d", len(theirs), len(inputs))
			}
			d := dissect.New(db)
			compared, headless := 0, 0
			for i := range inputs {
				tree := decode(t, d, &inputs[i])
				got, want := ours(tree), withoutZeros(tree, theirs[i])
				got = withoutLogEnd(tree, got, want)
				compared += len(want)
				if len(tree.Msgs) > 0 && tree.Msgs[0].Datagram {
					headless++
				}
				if fmt.Sprint(got) != fmt.Sprint(want) {
					t.Errorf("frame %d:\n  we  %v\n  tshark %v", i+1, got, want)
				}
			}
			if compared < (len(inputs)-headless)/2 {
				t.Errorf("only %d headers compared", compared)
			}
		})
	}
}
