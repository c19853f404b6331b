package golden_test

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/nlsniff/nlsniff/internal/pcaptest"
)

// ownWords are "Error:" lines that the programs made up themselves, from an
// errno or before they asked the kernel.
var ownWords = map[string]string{
	"No such file or directory":                                                         "nft's word for ENOENT",
	"Could not process rule: No such file or directory":                                 "nft's word for ENOENT",
	"unknown chain hook":                                                                "nft's parser",
	"Could not process rule: Operation not supported":                                   "nft's word for EOPNOTSUPP",
	"syntax error, unexpected fwd, expecting string":                                    "nft's parser",
	"syntax error, unexpected '}'":                                                      "nft's parser",
	"syntax error, unexpected newline":                                                  "nft's parser",
	"syntax error, unexpected table, expecting string":                                  "nft's parser",
	"syntax error, unexpected string, expecting counter or counters or quotas or quota": "nft's parser",
	"transport protocol mapping is only valid after transport protocol match":           "nft's own check",
	"No symbol type information":                                                        "nft's own check",
	"No such file or directory; did you mean chain ‘post’ in table ip ‘nat’?":           "nft's word for ENOENT",
	"duplicate \"unknown\": \"src\" is the second value":                                "ip's parser",
}

// TestExtAckTexts: every reason that a program printed is the text of an
// extended ACK in its capture.
func TestExtAckTexts(t *testing.T) {
	line := regexp.MustCompile(`^Error: (.*?)\.?$`)
	found := 0
	for _, name := range pcaptest.Names {
		var shown []string
		for _, o := range messages(t, name) {
			shown = append(shown, words(o, "error/ext_ack/msg")...)
		}
		for _, l := range pcaptest.Log(t, name) {
			m := line.FindStringSubmatch(l)
			if m == nil || ownWords[m[1]] != "" {
				continue
			}
			if !slices.Contains(shown, m[1]) {
				t.Errorf("%s.log says %q, but no extended ACK does: %q", name, m[1], shown)
			}
			found++
		}
	}
	if found < 14 {
		t.Errorf("only %d texts compared", found)
	}
}

// offsets are all NLMSGERR_ATTR_OFFS of the captures: what they point at, by
// capture and frame.
var offsets = map[string]string{
	"dcb_devlink 66":  "DEVLINK_ATTR_RELOAD_LIMITS",
	"dcb_devlink 193": "DEVLINK_ATTR_TRAP_GROUP_NAME",
	"dcb_devlink 212": "DEVLINK_ATTR_DPIPE_TABLE_NAME",
	"ethtool_all 190": "ETHTOOL_A_CHANNELS_COMBINED_COUNT",
	"ethtool_all 216": "ETHTOOL_A_LINKMODES_HEADER/ETHTOOL_A_HEADER_DEV_NAME",
	"ethtool_all 218": "ETHTOOL_A_LINKINFO_HEADER/ETHTOOL_A_HEADER_DEV_NAME",
	"ethtool_all 220": "ETHTOOL_A_WOL_HEADER/ETHTOOL_A_HEADER_DEV_NAME",
	"ethtool_all 222": "ETHTOOL_A_DEBUG_HEADER/ETHTOOL_A_HEADER_DEV_NAME",
	"ethtool_all 224": "ETHTOOL_A_LINKSTATE_HEADER/ETHTOOL_A_HEADER_DEV_NAME",
	"genl_misc 599":   "CTRL_ATTR_FAMILY_NAME",
	"nft_all 75":      "NFTA_RULE_TABLE",
	"nft_all 190":     "NFTA_RULE_TABLE",
	"nft_all 209":     "NFTA_TABLE_NAME",
	"nft_more 116":    "NFTA_SET_ELEM_LIST_ELEMENTS/2",
	"nft_more 161":    "NFTA_RULE_EXPRESSIONS/NFTA_LIST_ELEM",
	"nft_more 1145":   "NFTA_RULE_CHAIN",
	"nft_all 254":     "NFTA_RULE_TABLE",
}

// TestOffsets: every offset in an extended ACK leads to an attribute, if
// anybody has described the request.
func TestOffsets(t *testing.T) {
	got, want := map[string]string{}, maps.Clone(offsets)
	for _, name := range pcaptest.Names {
		for _, o := range messages(t, name) {
			if len(words(o, "error/ext_ack/offset")) == 0 {
				continue
			}
			frame := fmt.Sprint(name, " ", text(o["frame"]))
			if typ := strings.Join(words(o, "error/request/nlmsg/type"), ""); typ == strings.Join(words(o, "error/request/nlmsg/type_id"), "") {
				t.Logf("%s: nobody has described the request's type %s", frame, typ)
				delete(want, frame)
				continue
			}
			got[frame] = strings.Join(words(o, "error/ext_ack/attr"), "")
		}
	}
	for where, attr := range got {
		if attr != want[where] {
			t.Errorf("%s: the offset leads to %q, want %q", where, attr, want[where])
		}
	}
	for where := range want {
		if _, ok := got[where]; !ok {
			t.Errorf("%s: no offset there", where)
		}
	}
}

// TestMalformed: what userspace_peer did wrong on purpose is found, and what
// the kernel had to say about it is shown.
func TestMalformed(t *testing.T) {
	all := messages(t, "userspace_peer")
	frame := func(n int) object {
		list := where(all, "", "frame", fmt.Sprint(n))
		if len(list) != 1 {
			t.Fatalf("%d messages in frame %d", len(list), n)
		}
		return list[0]
	}
	for _, c := range []struct {
		what    string
		request int
		codes   string
		answer  string // of the frame after it
		text    string
	}{
		{"no header behind the nlmsghdr", 6, "header.short", "0", ""},
		{"a whole header, and nothing wrong", 8, "", "0", ""},
		{"nla_len past the end", 10, "attr.past_end", "0", "bytes leftover after parsing attributes"},
		{"one byte in place of the header", 12, "header.short", "-22", "Invalid header length"},
		{"an NLMSG_DONE from a program", 14, "msg.payload", "0", ""},
		{"a type that nobody has", 16, "msg.type_unknown", "-95", ""},
		{"an attribute that nobody has", 18, "attr.unknown", "0", ""},
	} {
		if got := strings.Join(words(frame(c.request), "findings/code"), " "); got != c.codes {
			t.Errorf("%s: findings %q in frame %d, want %q", c.what, got, c.request, c.codes)
		}
		answer := frame(c.request + 1)
		if got := strings.Join(words(answer, "error/errno"), " "); got != c.answer {
			t.Errorf("%s: errno %s, want %s", c.what, got, c.answer)
		}
		if got := strings.Join(words(answer, "error/ext_ack/msg"), " "); got != c.text {
			t.Errorf("%s: the kernel says %q, want %q", c.what, got, c.text)
		}
	}
	// A batch of ten requests in one datagram, then its answers.
	if batch := where(all, "", "frame", "20"); len(batch) != 10 {
		t.Errorf("%d requests in the batch", len(batch))
	} else {
		for i, o := range batch {
			if got, want := text(at(o, "nlmsg/seq")[0]), fmt.Sprint(100+i); got != want {
				t.Errorf("request %d of the batch has number %s, want %s", i, got, want)
			}
		}
	}
	// A message between two programs.
	if got := strings.Join(words(frame(5), "direction"), ""); got != "user_to_user" {
		t.Errorf("frame 5 goes %s", got)
	}
}
