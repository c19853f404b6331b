package tui

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nlsniff/nlsniff/flow"
	"github.com/nlsniff/nlsniff/internal/pcaptest"
	"github.com/nlsniff/nlsniff/render"
	"github.com/nlsniff/nlsniff/tui/store"
)

// TestWhyWasItRefused: someone looks for the error of an ethtool call, and for
// the attribute that the kernel did not like.
func TestWhyWasItRefused(t *testing.T) {
	u := sit(t, tour(), 120, 40)
	u.sees("35 messages", "lost 0", "RTM_NEWLINK vx0 kind vxlan")
	u.press("E").sees("Detail of frame 4")
	u.press("E").sees("Detail of frame 21", "EINVAL")
	u.press("enter", "e").sees("ETHTOOL_A_CHANNELS_COMBINED_COUNT")
	if r := u.m.detail.row(); r == nil || !r.pointed {
		t.Error("the cursor is not on what the error is about")
	}
	u.press("esc", "E").sees("Detail of frame 28").press("W").sees("Detail of frame 21")
	u.press("G", "enter", "e").sees("the request is not in the error but in frame 31")
	u.press("enter").sees("Detail of frame 31").press("'", "'").sees("Detail of frame 32")
}

// TestReasons: the kernel's words, the place and what is inferred stand in the list
// of exchanges, above the ladder, among the findings and above the request, whose
// attribute is marked.
func TestReasons(t *testing.T) {
	words, at := `"requested channel count exceeds maximum"`, "at ETHTOOL_A_CHANNELS_COMBINED_COUNT"
	u := sit(t, tour(), 160, 40).press("2").sees("why it failed", "✗ EINVAL", words, `"Unknown device type"`, "of NFT_MSG_NEWRULE inet")
	u.press("E", "E").sees("✗ EINVAL "+words+" "+at).press("e").sees("Detail of frame 20", "✗ EINVAL "+words, "COMBINED_COUNT: 1 ◀ EINVAL")
	u.press("enter", "e")
	if r := u.m.detail.row(); r == nil || !r.pointed {
		t.Error("the cursor is not on what the error is about")
	}
	u.press("3").sees("refused: EINVAL " + words + " " + at)
	// What answers a probe is no failure.
	w := sit(t, pcaptest.Path("wireguard.pcap"), 120, 40).press("E")
	if r := w.m.list().cache.get(w.m.list().cursor); r == nil || r.Err != nil || w.m.list().cursor > 0 && r.Result != render.ResultFailed {
		t.Errorf("%+v is no error", r)
	} else if id, _ := w.m.store.Ref(r.Row); id == 2 {
		t.Error("the next error is the answer to a probe")
	}
	// Nothing is cut on a small screen, and the errno stands in the list.
	u = sit(t, tour(), 80, 24).press("E").sees("✗ EOPNOTSUPP RTM_NEWLINK bareudp0").press("E")
	u.sees(`✗ EINVAL "requested channel count`, `exceeds maximum" at`, "   ETHTOOL_A_CHANNELS_COMBINED_COUNT").fits()
	u.press("2", "g", "g", "E", "E").sees("✗ EINVAL "+words+" at", "   ETHTOOL_A_CHANNELS_COMBINED_COUNT").fits()
	// What the kernel does not say is inferred, and said to be.
	sit(t, "testdata/states.pcapng", 120, 40).press("2", "E").sees("likely: no interface has", "(inferred, likely) no interface has the name or index in the request")
	// Of a batch, the message is marked that it is about, and no other.
	sit(t, tour(), 120, 40).press(":").types("27").press("enter").seesNot("NFTA_RULE_TABLE of").press("j").sees("NFTA_RULE_TABLE of", "◀ ENOENT")
}

// TestLongValues: a value that is too long for its line stands below the fields,
// whole, once the fields have the keys.
func TestLongValues(t *testing.T) {
	u := sit(t, tour(), 80, 40).seesNot("learning 1 port").press("enter").sees("group 239.1.1.1", "learning 1 port 4789}")
	u.press("j").seesNot("learning 1 port").fits()
	// The messages of an exchange scroll sideways.
	u.press("2", "g", "g", "enter").seesNot("4789").press("l", "l", "l", "l", "l").sees("4789").fits().press("h", "h", "h", "h", "h", "h").sees("the messages start here", "RTM_NEWLINK vx0")
}

// TestFieldsAndBytes: the field under the cursor is lit in the bytes, and a
// byte chooses its field.
func TestFieldsAndBytes(t *testing.T) {
	u := sit(t, tour(), 120, 40)
	u.press("enter")
	x, y := u.at("IFLA_IFNAME")
	u.click(x, y).sees("Bytes 48…55")
	x, y = u.at("76 78 6c 61") // "vxla", in IFLA_INFO_KIND
	u.click(x, y)
	if u.m.focus != paneBytes {
		t.Errorf("the %s has the keys", paneNames[u.m.focus])
	}
	u.sees("Bytes 60…71", "IFLA_INFO_KIND = 1")
	u.press("enter")
	if u.m.focus != paneDetail {
		t.Errorf("the %s has the keys", paneNames[u.m.focus])
	}
	u.press("k").sees("Bytes 56…123") // IFLA_LINKINFO around it
	u.press("h").seesNot("IFLA_INFO_KIND: ").press("l").sees("IFLA_INFO_KIND: ")
}

// TestSameFieldInTheNextMessage: what is unfolded and chosen stays so from
// message to message.
func TestSameFieldInTheNextMessage(t *testing.T) {
	u := sit(t, tour(), 120, 40)
	u.press("enter", "j", "l").sees("nlmsg_seq: 1795435281")
	x, y := u.at("nlmsg_seq")
	u.click(x, y).press("J").sees("Detail of frame 2").press("J").sees("nlmsg_seq: 1795435284")
	if r := u.m.detail.row(); r.key != "message/nlmsghdr/nlmsg_seq" {
		t.Errorf("the cursor is on %s", r.key)
	}
}

// TestFinding: / goes to the next message that holds a text, n and N go on.
func TestFinding(t *testing.T) {
	u := sit(t, tour(), 120, 40)
	u.press("/").types("newnexthop").press("enter").sees("Detail of frame 11")
	u.press("n").sees("Detail of frame 12").press("n").sees("no further message with \"newnexthop\"")
	u.press("N").sees("Detail of frame 11")
	u.press("/", "up").sees("/newnexthop").press("esc")
	u.press("/").types("WG_CMD").press("enter").sees("Detail of frame 25")
	u.press("enter", "/").types("public").press("enter").sees("not in this message")
	u.press("esc").press(":").types("26").press("enter").sees("Detail of frame 26")
	u.press("enter", "/").types("public_key").press("enter").sees("WGDEVICE_A_PUBLIC_KEY =")
}

// TestMarks: a marked message is found again.
func TestMarks(t *testing.T) {
	u := sit(t, tour(), 120, 40)
	u.press("j", "j", "m", "a").sees("marked")
	u.press("G").sees("35 of 35").press("'", "a").sees("3 of 35").press("'", "'").sees("35 of 35")
	u.press("'", "z").sees("there is no mark z; mz sets it")
	u.press("g", "g").sees("1 of 35")
}

// TestKeysThatDoNothing say why.
func TestKeysThatDoNothing(t *testing.T) {
	u := sit(t, tour(), 120, 40)
	u.press("space").sees("space stops the display of a live capture; this is a file")
	u.press("L").sees("L shows or hides the headers and the padding of attributes, but only in the detail; Tab goes there")
	u.press("Q").sees("Q does nothing in the list; ? lists what does")
	u.press("k").sees("this is the first message")
	u.press("G", "j").sees("this is the last message")
	u.press("g", "g", "enter", "e").sees("the kernel points at nothing here")
	u.press(":").types("nonsense").press("enter").sees("no command nonsense; :help lists them")
}

// TestCopying: what is copied is what a program takes.
func TestCopying(t *testing.T) {
	u := sit(t, tour(), 120, 40)
	u.press("y", "j")
	var o map[string]any
	if err := json.Unmarshal([]byte(u.clip), &o); err != nil || o["frame"] != float64(1) {
		t.Errorf("%v: %s", err, u.clip)
	}
	u.press("enter")
	x, y := u.at("IFLA_IFNAME")
	u.click(x, y).press("y", "x")
	if u.clip != "080003007678300"+"0" {
		t.Errorf("hex %q", u.clip)
	}
	u.press("y", "v")
	if u.clip != `"vx0"` {
		t.Errorf("value %q", u.clip)
	}
	u.press("y", "f")
	if u.clip != `IFLA_IFNAME == "vx0"` {
		t.Errorf("filter %q", u.clip)
	}
	u.press("y", "g")
	if u.clip != "[]byte{\n\t0x08, 0x00, 0x03, 0x00, 0x76, 0x78, 0x30, 0x00,\n}\n" {
		t.Errorf("Go %q", u.clip)
	}
	u.press("y", "esc").seesNot("as Python")
}

// TestSecrets: key material is neither shown nor copied.
func TestSecrets(t *testing.T) {
	u := sit(t, pcaptest.Path("wireguard.pcap"), 200, 60)
	u.press("/").types("private").press("enter")
	found := false
	for pos := range u.m.st.End {
		u.press(":").types(itoa(pos + 1)).press("enter")
		d := u.m.detail.tree.d
		if len(d.Hidden) == 0 {
			continue
		}
		found = true
		u.press("y", "x").sees("these bytes hold key material")
		u.sees("** ** ** **")
	}
	if !found {
		t.Error("the capture has no key")
	}
}

// TestSaving: what is saved opens again, and nothing is written over unasked.
func TestSaving(t *testing.T) {
	file := filepath.Join(t.TempDir(), "x.pcapng")
	u := sit(t, tour(), 120, 40)
	u.press("s", "a").sees(":w ").types(file).press("enter").sees("saved 32 frames to")
	u.press("j", "s", "s").types(file).press("enter").sees("is there already")
	u.press(":").types("ws! " + file).press("enter").sees("saved 1 frame and 1 with requests")
	v := sit(t, file, 120, 40).sees("2 messages", "✓ ACK")
	if v.m.st.Frames != 2 {
		t.Errorf("%d frames", v.m.st.Frames)
	}
	u.press(":").types("w /nonexistent/x").press("enter").sees("not saved: ")
	if _, err := os.Stat("/nonexistent"); err == nil {
		t.Error("a folder was made")
	}
}

// TestTimes: t and T change what times count from.
func TestTimes(t *testing.T) {
	u := sit(t, tour(), 120, 40)
	u.sees("12:01:20.326676").press("t").sees("2026-11-23 12:01:20.326676").press("t").sees("2026/327 12:01:20.326676")
	u.press("t").sees("0.292333").press("t").sees("0.040000").press("t").sees("1795435280.326676").press("t").sees("12:01:20.326676", "in UTC")
	u.press("j", "j", "T").sees("-0.332333", "0.098573").press("T").sees("0.292333")
	u.press(":").types("time a").press("enter").sees("12:01:20.326676")
}

// TestPanes: panes are resized, hidden and shown alone.
func TestPanes(t *testing.T) {
	u := sit(t, tour(), 120, 40)
	u.press("x").seesNot(" Bytes ").press("v").seesNot(" Detail of").press("enter").sees("Detail of").press("x").sees(" Bytes ")
	u.press("+").seesNot("─ Messages").press("esc").sees("─ Messages")
	before := u.m.detail.height
	u.press("esc", "-").fits()
	if u.m.detail.height <= before {
		t.Errorf("the detail has %d rows, had %d", u.m.detail.height, before)
	}
	_, y := u.at("─ Detail")
	u.send(mouse("press", 5, y))
	u.send(mouse("move", 5, y-6))
	u.send(mouse("release", 5, y-6))
	if _, now := u.at("─ Detail"); now != y-6 {
		t.Errorf("the border is on line %d, want %d", now, y-6)
	}
	u.fits()
}

// TestExchanges: a request is followed to its answer, and back to the list.
func TestExchanges(t *testing.T) {
	u := sit(t, tour(), 120, 40)
	u.press(":").types("20").press("enter").sees("✗ EINVAL")
	u.press("]").sees("Detail of frame 21").press("]").sees("no message further that way").press("[").sees("Detail of frame 20")
	u.press("e").sees("Exchange #10", "ethtool[1210]", "✗ EINVAL ETHTOOL_MSG_CHANNELS_SET", "+0.26 ms")
	u.press("enter", "j", "enter").sees("─ Messages", "Detail of frame 21")
	u.press("2", "g", "g", "E").sees("Exchange #2").press("E").sees("Exchange #10").press("W").sees("Exchange #2")
	u.press("enter", "J").sees("Exchange #3").press("e").sees("Detail of frame 5")
	u.press("2", "/").types("newnexthop").press("enter").sees("Exchange #6").fits()
	x, y := u.at("✗ ENOENT")
	u.click(x, y).sees("Exchange #13", "batch NFT_MSG", "✗ ENOENT at NFTA_RULE_TABLE of NFT_MSG_NEWRULE inet nope nope drop").fits()
	u.press("esc").sees("─ Messages")
}

// TestFindings: what is wrong is listed, and leads to where it is.
func TestFindings(t *testing.T) {
	u := sit(t, tour(), 120, 40)
	u.press("3").sees("attr.past_end", "nla_len 60, but only 8 bytes are left", "refused: EINVAL ")
	u.press("j", "j", "j", "enter").sees("─ Messages", "Detail of frame 29").fits()
	u.press("'", "'")
}

// TestStatistics: the counts are those of the capture.
func TestStatistics(t *testing.T) {
	u := sit(t, tour(), 120, 60)
	u.press("4").sees("Messages a second", "35 messages", "EINVAL: requested channel count exceeds maximum"[:30], "ethtool[1210]", "below 128 us", "failed")
	u.press("e").sees("shows the message's exchange, but only in the list; 1 goes there").press("esc").sees("─ Messages")
	x, y := u.at("2 Exchanges")
	u.click(x, y).sees("─ Exchanges")
}

// TestFiltering: the list shows what the filter lets through, which says while
// it is typed whether it is right.
func TestFiltering(t *testing.T) {
	u := sit(t, tour(), 120, 40)
	u.press("\\").types("IFLA_IFNAM").sees("✗ filter: IFLA_IFNAM", "IFLA_IFNAME")
	u.press("E").sees("✓ filter: IFLA_IFNAME").press("enter").settle()
	u.sees("Messages with IFLA_IFNAME", "RTM_NEWLINK vx0").seesNot("ETHTOOL_MSG_CHANNELS_SET")
	u.press("esc").settle().sees("all messages are shown again", "1 of 35")
	u.press("\\").types("IFLA_IFNANE").press("enter").sees("✗ filter: IFLA_IFNANE", "did you mean IFLA_IFNAME").press("esc")
	u.press("\\").types("error ==").press("enter").sees("✗ filter: error ==").press("esc")

	// What is offered is taken with tab.
	u.press("\\").types("ETHTOOL_A_CHANNELS_COM").sees("ETHTOOL_A_CHANNELS_COMBINED_COUNT").press("tab", "tab")
	u.types(" == 1").press("enter").settle().sees("with ETHTOOL_A_CHANNELS_COMBINED_COUNT == 1", "1 of 2")
	// Something that is hidden is shown all the same when it is asked for.
	u.press(":").types("1").press("enter").sees("the filter hid this message", "Detail of frame 1")
	u.press("\\", "up").sees("filter: ETHTOOL_A_CHANNELS_COMBINED_COUNT == 1").press("esc")
}

// TestFilteredExchanges: the filter applies to exchanges of which a message
// matches.
func TestFilteredExchanges(t *testing.T) {
	u := sit(t, tour(), 120, 40).press("2").press("\\").types("error").press("enter").settle()
	u.sees("─ Exchanges with error", "of 4", "#2", "#10", "#13", "#15", "✗ EOPNOTSUPP").seesNot("✓ acknowledged").fits()
	u.press("home").sees("Exchange #2").press("j").sees("Exchange #10", "ETHTOOL_MSG_CHANNELS_SET").press("E").sees("Exchange #13")
	u.press("1").sees("─ Messages with error").press("home", "e").sees("Exchange #2")
	u.press("esc").press("esc").settle().sees("1 of 35"[2:]).press("2").sees("of 15").press("home").sees("Exchange #1")
}

// TestFollowing: a process, a socket, an exchange or a field is followed by a
// filter that a menu makes.
func TestFollowing(t *testing.T) {
	u := sit(t, tour(), 120, 40)
	u.press(":").types("25").press("enter").press("f").sees("this process  pid == 902").press("p").settle()
	u.sees("with pid == 902", "CTRL_CMD_GETFAMILY wireguard", "of 6").seesNot("RTM_NEWLINK")
	u.press("f", "x", "f").settle().sees("with exchange.id == ", "of 3")
	u.press("esc", "enter")
	x, y := u.at("WGDEVICE_A_IFNAME")
	u.click(x, y).press("f", "f").settle().sees("with WGDEVICE_A_IFNAME == \"wg0\"", "of 2")
	u.press("esc").press("esc").settle()
	u.press("\\").types("exchange.state == failed and exchange.role == request").press("enter").settle().sees("of 6")
}

// TestCompare: two messages stand beside each other, and what differs is
// marked.
func TestCompare(t *testing.T) {
	u := sit(t, tour(), 120, 40)
	u.press("C").sees("taken; C on another message shows both").press("j", "j", "C").sees("Frame 1 and frame 3", "differences").fits()
	u.sees(`IFLA_IFNAME: "vx0"`, `IFLA_IFNAME: "bareudp0"`, "≠", "IFLA_VXLAN_ID: 42", "IFLA_BAREUDP_PORT: 6635")
	lines := strings.Split(u.screen(), "\n")
	for _, l := range lines {
		if strings.Contains(l, "ifi_family") && strings.Contains(l, "≠") {
			t.Errorf("what is the same is marked: %s", l)
		}
		if strings.Contains(l, "vx0") && strings.Contains(l, "IFLA_IFNAME") && !strings.Contains(l, "bareudp0") {
			t.Errorf("the same field is not in one row: %s", l)
		}
	}
	u.press("l", "l").seesNot("IFLA_VXLAN_ID").fits().press("h", "h").sees("IFLA_VXLAN_ID")
	u.press("n", "G", "g", "Q").sees("Q does nothing here").press("esc").sees("─ Messages")
	u.press("C", "C").sees("taken")
}

// TestTrouble: what went wrong on the way stands where it happened.
func TestTrouble(t *testing.T) {
	u := sit(t, tour(), 120, 40)
	for want, r := range map[string]store.Row{
		"! DUMP_INTR": {Interrupted: true}, "buffer was too small": {Short: true}, "messages before this one were lost": {Overrun: true},
	} {
		if got := u.m.rungText(&r, flow.Reply); !strings.Contains(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// TestLeaving: q and Ctrl-C leave.
func TestLeaving(t *testing.T) {
	for _, key := range []string{"q", "ctrl+c"} {
		if u := sit(t, tour(), 80, 24).press(key); !u.left {
			t.Errorf("%s does not quit", key)
		}
	}
	if u := sit(t, tour(), 80, 24).press(":", "q", "enter"); !u.left {
		t.Error(":q does not quit")
	}
}

// TestReplayKey: r shows what would be sent, y sends it, and both sides are
// shown; any other key sends nothing.
func TestReplayKey(t *testing.T) {
	u := sit(t, tour(), 120, 40)
	u.press("2", "r").sees("only the exchanges of a file can be replayed")
	sent := 0
	u.m.opt.Replay = func(id int) ([]string, func() (ReplayResult, error), error) {
		if id == 2 {
			return nil, nil, errors.New("no requests\x1b[31m")
		}
		return []string{"send     frame 7"}, func() (ReplayResult, error) {
			sent++
			return ReplayResult{Title: "on 6.12", Rows: []ReplayRow{
				{Then: "outcome: ok", Now: "outcome: ok"}, {Depth: 1, Then: "errno: EEXIST", Now: "errno: ENODEV", Differs: true},
			}}, nil
		}, nil
	}
	u.press("r").sees("Exchange 1 again, in a network namespace of its own", "send frame 7", "y sends this, any other key goes back").fits()
	u.press("n").sees("nothing was sent")
	if sent != 0 {
		t.Fatal("it was sent without a yes")
	}
	u.press("r", "y").sees("Exchange 1 then, and on 6.12", "1 difference", "EEXIST", "ENODEV").fits()
	if sent != 1 {
		t.Fatalf("sent %d times", sent)
	}
	u.press("esc", "j", "r").sees("no requests\\x1b[31m")
	if sent != 1 {
		t.Fatalf("sent %d times", sent)
	}
}
