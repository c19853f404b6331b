package tui

import (
	"strings"
	"testing"
	"time"

	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/filter"
	"github.com/nlsniff/nlsniff/internal/pcaptest"
	"github.com/nlsniff/nlsniff/tui/store"
)

// TestBuilding: a filter builds up from fields, rows, findings and statistics.
func TestBuilding(t *testing.T) {
	u := sit(t, tour(), 120, 40)
	u.press("f", "o").settle().sees(`with op == "RTM_NEWLINK"`)
	u.press("f", "p").sees("and  op == \"RTM_NEWLINK\" and pid == 206", "or  ", "and not  ", "instead  pid == 206").press("a").settle()
	u.sees(`with op == "RTM_NEWLINK" and pid == 206`, "1 of 2")
	u.press("\\").types("").press("esc").press("f", "p").sees(`(op == "RTM_NEWLINK" and pid == 206) or pid == 206`).press("o").settle().sees("of 2")
	u.press("f", "p", "f").settle().sees("with pid == 206", "of 2")
	u.press("f", "o", "n").settle().sees(`with pid == 206 and not op == "RTM_NEWLINK"`)
	u.press("esc").settle().press(":", "1", "enter", "enter")
	x, y := u.at("IFLA_IFNAME")
	u.click(x, y).press("f").sees(`only these  IFLA_IFNAME == "vx0"`, `all but these  not IFLA_IFNAME == "vx0"`).press("n").settle().sees("of 34")
	u.press("f", "n").settle() // what hides the message under the cursor
	u.press("esc").press("esc").settle().sees("of 35")

	// An ACK's error makes a filter for ACKs.
	u.press(":").types("2").press("enter", "enter")
	x, y = u.at("error: ")
	u.click(x, y).press("f").sees("only these  errno == 0").press("f").settle().sees("with errno == 0", "of 9")
	u.press("esc").press("esc").settle().press("3", "f", "f").settle().sees("─ Findings with finding ==", "of 5")
	u.press("esc").press("esc").settle().press("2", "f", "x").settle().sees("─ Exchanges with exchange.id == 2", "1 of 1")
	u.press("enter", "f", "f", "o").settle().sees("─ Exchanges with exchange.id == 2 or family == ")
}

// TestFindIsAFilter: text to be found that is a filter can be used as one.
func TestFindIsAFilter(t *testing.T) {
	u := sit(t, tour(), 120, 40)
	u.press("/").types("pid == 902").press("enter").sees("This is a filter: pid == 902", "show only these messages").press("f").settle()
	u.sees("with pid == 902", "of 6").press("esc").settle()
	u.press("/").types("pid == 902").press("enter", "t").sees(`no further message with "pid == 902"`)
	u.press("/").types("a == b").press("enter").sees(`no further message with "a == b"`)
	u.press("g", "g", "/").types("newnexthop").press("enter").sees("Detail of frame 11")
}

// TestAllFollowTheFilter: findings and statistics are those of what the filter lets
// through, and say so; what matches nothing leaves nothing.
func TestAllFollowTheFilter(t *testing.T) {
	u := sit(t, tour(), 120, 40)
	u.press("3").sees("of 7").press("\\").types("pid == 1727").press("enter").settle().sees("─ Findings with pid == 1727", "of 4", "attr.past_end").seesNot("frame 20")
	u.press("4").sees("─ Statistics with pid == 1727", "4 messages of 35", "RTM_NEWLINK  rt-link").seesNot("WG_CMD")
	u.press("1").sees("of 4").press("2").sees("─ Exchanges with", "of 2")
	u.press("\\", "ctrl+u").types("pid == 4711").press("enter").settle().sees("no exchange has a message that matches").seesNot("+0.21 ms")
	u.press("1").sees("no message matches").seesNot("Detail of").seesNot("nlmsghdr").fits()
	u.press("3").sees("nothing so far in what the filter lets through").fits()
	u.press("y").sees("there is no message to copy from").press("4").sees("0 messages of 35").fits()
}

// TestStatisticsOpen: a row of the statistics shows what it counts, sorted as one
// wants.
func TestStatisticsOpen(t *testing.T) {
	u := sit(t, tour(), 120, 60).press("4")
	u.press("j", "j", "enter").settle().sees(`─ Messages with op == "RTM_NEWROUTE"`, "of 3")
	u.press("4").sees("3 messages of 35").press("esc").press("esc").settle()
	u.press("4", "o").sees("sorted by bytes").press("g", "g", "o").sees("sorted by name").press("o").sees("sorted by the number of messages")
	u.press("l", "k", "k", "h").fits()
	x, y := u.at(" ethtool  ")
	u.click(x+1, y).press("f").sees(`only these  family == "ethtool"`).press("esc")
	u.click(x+1, y).settle().sees(`─ Messages with family == "ethtool"`, "of 1").press("esc").settle().press("4")
	u.press("G", "f").sees("only these  exchange.state == ").press("f").settle().sees("─ Statistics with exchange.state ==")
}

// TestStatisticsCount: over all captures, the filter of each row finds as many
// messages as the row counts.
func TestStatisticsCount(t *testing.T) {
	t.Parallel()
	rows := 0
	for _, name := range []string{"route_addrs", "nft_all", "xfrm", "uevent", "connector", "audit"} {
		u := sit(t, pcaptest.Path(name+".pcap"), 120, 60).press("4")
		p := &u.m.stats
		sums, of := byFamily(p.stats.Ops, p.names[0])
		count := func(c *store.Count, expr, what string) {
			rows++
			f, err := filter.Compile(expr, u.m.filter.env)
			if err != nil {
				t.Errorf("%s: %s: %v", name, expr, err)
				return
			}
			run := u.m.store.Match(f)
			defer run.Close()
			for done := false; !done; _, done = run.Looked() {
				time.Sleep(time.Millisecond)
			}
			if first, end := run.Span(); end-first != int(c.Messages) {
				t.Errorf("%s: %s: %d messages, %s counts %d", name, expr, end-first, what, c.Messages)
			}
		}
		for i := range p.names[0] {
			count(&p.stats.Ops[i], operationFilter(&p.stats.Ops[i], &p.names[0][i]), operationName(nil, &p.names[0][i]))
		}
		for i := range p.names[1] {
			count(&p.stats.Processes[i], processFilter(&p.stats.Processes[i], &p.names[1][i]), "a process")
		}
		for i := range p.names[2] {
			count(&p.stats.Errors[i], u.m.errorFilter(&p.stats.Errors[i], nil), "an error")
		}
		for i := range of {
			count(&sums[i], familyFilter(nil, &of[i]), familyName(nil, &of[i]))
		}
	}
	if rows < 50 {
		t.Errorf("only %d rows", rows)
	}
}

// TestFieldFilters: over all captures, of some messages each, the filter of a field lets the message
// through that it was made of.
func TestFieldFilters(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	var none, exist []string
	for _, name := range pcaptest.Some(pcaptest.Names) {
		u := sit(t, pcaptest.Path(name+".pcap"), 120, 40)
		for row := 0; row < u.m.st.End; row += 1 + u.m.st.End/200 {
			d, err := u.m.store.NewDecoder().Detail(row)
			if err != nil || d.Message < 0 {
				continue
			}
			u.m.detail.tree.d = d
			u.m.detail.rebuild()
			for i := range u.m.detail.tree.rows {
				r := &u.m.detail.tree.rows[i]
				if r.kind != rowNode || r.node < 0 {
					continue
				}
				list := u.m.fieldFilters(r)
				if len(list) == 0 {
					continue
				}
				field, _, _ := strings.Cut(strings.TrimLeft(list[0], "("), " == ")
				if seen[field] {
					continue
				}
				seen[field] = true
				u.m.detail.cursor = i
				expr := u.m.withField(nil)().(fieldMsg).expr
				switch {
				case expr == "" && u.m.detail.tree.d.Tree.Nodes[r.node].Field != nil:
					none = append(none, name+": "+strings.Join(list, ", "))
				case !strings.Contains(expr, " == ") && u.m.hasValue(r.node):
					exist = append(exist, expr)
				}
			}
		}
	}
	for _, x := range none { // the layers of packets are in no description
		if !strings.Contains(x, "Ethernet") && !strings.Contains(x, "IP") && !strings.Contains(x, "ICMP") && !strings.Contains(x, "Dot11") && !strings.Contains(x, "UDP") &&
			!strings.Contains(x, "ARP") && !strings.Contains(x, "LLC") && !strings.Contains(x, "SNAP") && !strings.Contains(x, "EAPOL") {
			t.Errorf("no filter lets its message through: %s", x)
		}
	}
	// Bitmaps, addresses in the other byte order, and names that mean something else
	// as well.
	if len(exist) > 12 {
		t.Errorf("of %d fields, the filter asks only whether they are there: %q", len(exist), exist)
	}
	if len(seen) < 500 { // with -short, a quarter of the captures
		t.Errorf("only %d fields", len(seen))
	}
}

// hasValue says whether a node is, or holds nothing but, a value that is neither
// empty, nor long, nor secret.
func (m *Model) hasValue(i int32) bool {
	t := m.detail.tree.d.Tree
	n := &t.Nodes[i]
	if !n.Kind.Leaf() {
		from, to := t.Payload(i)
		if from+1 != to || !t.Nodes[from].Kind.Leaf() {
			return false
		}
		n = &t.Nodes[from]
	}
	size := len(t.Bytes(n))
	return n.Type != nil && n.Type.Kind != families.KindPacket && size > 0 && size <= maxCompared && !m.detail.tree.hidden(n)
}
