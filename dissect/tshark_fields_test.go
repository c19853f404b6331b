package dissect_test

import (
	"bufio"
	"bytes"
	"fmt"
	"html"
	"os/exec"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"testing"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/internal/need"
	"github.com/nlsniff/nlsniff/internal/pcaptest"
)

// tsharkWrong are fields of tshark 4.0 whose reading of the bytes is not the
// kernel's, each with what the kernel has there.
var tsharkWrong = map[string]string{
	"netlink.attr_data":                           "no reading at all: the bytes",
	"nl80211.attr_value32":                        "no reading at all: four bytes of an SSID",
	"nl80211.attr_value":                          "likewise, of another length",
	"netlink-netfilter.queue.config.flags":        "big-endian; tshark reads it in host order",
	"netlink-netfilter.queue.config.mask":         "likewise",
	"netlink-netfilter.queue.config.queue_maxlen": "likewise",
	"genl.family_id":                              "16 bits; tshark shows the lower 8",
	"netlink-sock_diag.inet_states":               "host order; tshark reads it as big-endian",
}

// theirs is what tshark says of some bytes of a frame.
type theirs struct {
	name, show string
	off, end   uint32
}

var pdmlShown = regexp.MustCompile(`<field name="([^"]+)" .*size="([0-9]+)" pos="([0-9]+)" show="([^"]*)" value="[0-9a-f]*"/?>`)

// tsharkFields calls fn for every netlink field with a value of its own that
// tshark finds, frame by frame.
func tsharkFields(t *testing.T, tshark, file string, fn func(frame int, f theirs)) {
	cmd := exec.Command(tshark, "-r", file, "-T", "pdml", "-o", "gui.max_tree_depth:5000")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("tshark: %v", err)
	}
	frame, mine := 0, false
	lines := bufio.NewScanner(bytes.NewReader(out))
	lines.Buffer(nil, 1<<24)
	for lines.Scan() {
		line := lines.Text()
		if rest, ok := strings.CutPrefix(strings.TrimSpace(line), `<proto name="`); ok {
			name, _, _ := strings.Cut(rest, `"`)
			// Fields of wlan and wps stand inside of nl80211's.
			mine = strings.HasPrefix(name, "netlink") || name == "genl" || name == "nl80211"
			continue
		}
		if strings.HasPrefix(line, "<packet>") {
			frame++
			continue
		}
		m := pdmlShown.FindStringSubmatch(line)
		if !mine || m == nil || strings.Contains(line, "unmaskedvalue") || strings.HasPrefix(m[1], "w") {
			continue
		}
		off, _ := strconv.ParseUint(m[3], 10, 32)
		size, _ := strconv.ParseUint(m[2], 10, 32)
		fn(frame, theirs{m[1], html.UnescapeString(m[4]), uint32(off), uint32(off + size)})
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
}

// agrees compares our reading of a leaf with tshark's, if the two are of a
// sort that can be compared.
func agrees(tree *dissect.Tree, n *dissect.Node, f theirs) (same, comparable bool) {
	if n.Kind == dissect.KindUnknown || n.Kind == dissect.KindPadding || n.Kind == dissect.KindTrailing {
		return false, false
	}
	number := n.Kind == dissect.KindLen || n.Kind == dissect.KindType
	signed := false
	if t := n.Type; t != nil {
		switch t.Kind {
		case families.KindUint:
			number = true
		case families.KindSint:
			number, signed = true, true
		case families.KindString:
			b, _, _ := bytes.Cut(tree.Bytes(n), []byte{0})
			return string(b) == f.show, true
		}
	}
	if !number {
		return false, false
	}
	v := tree.Uint(n)
	want, err := strconv.ParseUint(f.show, 0, 64)
	if err != nil {
		s, err := strconv.ParseInt(f.show, 0, 64)
		if err != nil {
			return false, false
		}
		return dissect.Int(v, int(n.Len)) == s, true
	}
	if n.Kind == dissect.KindType {
		return v == want || v&0x3fff == want, true
	}
	return v == want || signed && dissect.Int(v, int(n.Len)) == int64(want), true
}

// TestTsharkFields: where tshark and we read the same bytes as a number or a
// string, they are the same number or string.
func TestTsharkFields(t *testing.T) {
	if slow {
		t.Skip("nearly all of it is reading what tshark says, in one goroutine")
	}
	tshark := need.Tool(t, "tshark")
	db := families.Embedded()
	for _, name := range pcaptest.Names {
		t.Run(name, func(t *testing.T) {
			inputs := pcaptest.Inputs(t, name, dissect.NewSession(dissect.OrderAuto))
			d := dissect.New(db)
			at, compared := 0, 0
			var tree *dissect.Tree
			leaves := map[[2]uint32]*dissect.Node{}
			differ := map[string]string{}
			tsharkFields(t, tshark, pcaptest.Path(name+".pcap"), func(frame int, f theirs) {
				if frame != at {
					at, tree = frame, d.Frame(&inputs[frame-1])
					clear(leaves)
					for i := range tree.Nodes {
						if n := &tree.Nodes[i]; n.Kind.Leaf() {
							leaves[[2]uint32{n.Off, n.Off + n.Len}] = n
						}
					}
				}
				n := leaves[[2]uint32{f.off, f.end}]
				if n == nil || tsharkWrong[f.name] != "" {
					return
				}
				same, ok := agrees(tree, n, f)
				switch {
				case !ok:
				case same:
					compared++
				default:
					what := f.name + " "
					if n.Field != nil {
						what += n.Field.Name
					}
					if differ[what] == "" {
						differ[what] = fmt.Sprintf("frame %d, offset %d: tshark has %s, we %d (% x)", frame, f.off, f.show, tree.Uint(n), tree.Bytes(n))
					}
				}
			})
			var list []string
			for what, text := range differ {
				list = append(list, what+": "+text)
			}
			sort.Strings(list)
			for _, s := range list {
				t.Error(s)
			}
			t.Logf("%d values compared", compared)
			if compared < 2*len(inputs) {
				t.Errorf("only %d values compared in %d frames", compared, len(inputs))
			}
		})
	}
}
