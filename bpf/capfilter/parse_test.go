package capfilter

import (
	"errors"
	"strings"
	"testing"
)

func TestParseErrors(t *testing.T) {
	tests := []struct{ text, at, msg, hint string }{
		{"proto rout", "      ^^^^", `no protocol is called "rout"`, "did you mean NETLINK_ROUTE?"},
		{"type RTM_NEWLNIK", "     ^^^^^^^^^^^", `no message type is called "RTM_NEWLNIK"`, "did you mean RTM_NEWLINK"},
		{"proto route and typ 3", "                ^^^", `no test is called "typ"`, "did you mean type"},
		{"RTM_NEWLINK", "^^^^^^^^^^^", `"RTM_NEWLINK" is the name of a message type, not a test`, "type RTM_NEWLINK"},
		{"nl80211", "^^^^^^^", `"nl80211" is the name of a family, not a test`, "family nl80211"},
		{"generic", "^^^^^^^", `"generic" is the name of a protocol, not a test`, "proto generic"},
		{"type NL80211_CMD_GET_WIPHY", "     ^^^^^^^^^^^^^^^^^^^^^", `"NL80211_CMD_GET_WIPHY" is a command of the generic family nl80211, not a message type`, "cmd NL80211_CMD_GET_WIPHY"},
		{"cmd RTM_NEWLINK", "    ^^^^^^^^^^^", `"RTM_NEWLINK" is a message type, not a generic command`, "type RTM_NEWLINK"},
		{"proto nl80211", "      ^^^^^^^", `"nl80211" is a family, not a protocol`, "family nl80211"},
		{"family route", "       ^^^^^", `"route" is a protocol, not a family`, "proto route"},
		{"family nl80212", "       ^^^^^^^", `no family is called "nl80212"`, "did you mean nl80211?"},
		{"family xyzzy", "       ^^^^^", `no family is called "xyzzy"`, "put the name of a family that nlsniff does not know in quotes"},
		{"error EINVALID", "      ^^^^^^^^", `no error is called "EINVALID"`, "did you mean EINVAL?"},
		{"(proto route", "^", "the parenthesis is not closed", ""},
		{"proto route)", "           ^", "no parenthesis is open here", ""},
		{"proto route type 3", "            ^^^^", `unexpected "type"`, "join tests with and or or"},
		{"proto", "     ^", "a protocol is missing at the end", ""},
		{"proto and type 3", "      ^^^", `a protocol is missing before "and"`, ""},
		{"type 3 and", "          ^", "a test is missing at the end", "a test starts with proto, family, type, cmd, request, reply, error, ack, portid, seq or len"},
		{"type 3 & request", "       ^", `unexpected "&"`, "and is written and or &&, or is written or or ||"},
		{"type 70000", "     ^^^^^", `no message type is called "70000"`, "at most 65535"},
		{"portid > x", "         ^", "portid needs a number from 0 to 4294967295", "for example portid 1234"},
		{"seq ) 3", "    ^", `a number is missing before ")"`, ""},
		{`family "nl80211`, "       ^", "the quote does not end", ""},
		{"type 3 or or", "          ^^", `no test is called "or"`, "a test starts with"},
		{"ä", "^", `unexpected "ä"`, ""},
		{strings.Repeat("(", 200), strings.Repeat(" ", 100) + "^", "too many parentheses or nots", ""},
	}
	for _, tt := range tests {
		_, err := Parse(tt.text, testNames{})
		var e *SyntaxError
		if !errors.As(err, &e) {
			t.Errorf("%s: got %v", tt.text, err)
			continue
		}
		_, marks, _ := strings.Cut(e.Caret(), "\n")
		if e.Msg != tt.msg || marks != tt.at || !strings.HasPrefix(e.Hint, tt.hint) || tt.hint == "" && e.Hint != "" {
			t.Errorf("%s\n got: %s; hint: %s\n%s\nwant: %s; hint: %s\n%s", tt.text, e.Msg, e.Hint, marks, tt.msg, tt.hint, tt.at)
		}
	}
}

func TestParseReturnsNoTypedNil(t *testing.T) {
	if _, err := Parse("proto route", testNames{}); err != nil {
		t.Errorf("got %v", err)
	}
}

func TestGlob(t *testing.T) {
	tests := []struct {
		pattern, s string
		want       bool
	}{
		{"*", "", true}, {"a*c", "abc", true}, {"a*c", "abcd", false}, {"?", "", false}, {"a?c", "abc", true},
		{"*link", "newlink", true}, {"*a*b*", "xxaxxbxx", true}, {"*a*b*", "xxbxxaxx", false}, {"abc", "abc", true},
		{strings.Repeat("*a", 30), strings.Repeat("a", 29), false},
	}
	for _, tt := range tests {
		if got := glob(tt.pattern, tt.s); got != tt.want {
			t.Errorf("glob(%q, %q) = %v", tt.pattern, tt.s, got)
		}
	}
}

func TestExplain(t *testing.T) {
	tests := []struct {
		filter       string
		kernel, user []string
	}{
		{"", []string{"accepts every datagram"}, []string{"nothing"}},
		{"proto route or proto generic", []string{"decides proto route or proto generic for every datagram"}, []string{"nothing"}},
		{"proto route and type RTM_NEWLINK",
			[]string{"decides proto route and type RTM_NEWLINK for datagrams of one message", "of datagrams of several messages those pass that have proto route and the protocol of type RTM_NEWLINK"},
			[]string{"decides proto route and type RTM_NEWLINK for each message of datagrams that hold several"}},
		{"family macsec and (request or error)",
			[]string{"decides", "of datagrams of several messages those pass that have the protocol of family macsec", "messages of the controller pass", "macsec has no id yet"},
			[]string{"decides", "decides by name"}},
		{"not request", []string{"decides", "of datagrams of several messages all pass"}, []string{"decides"}},
	}
	for _, tt := range tests {
		f, err := Parse(tt.filter, testNames{})
		if err != nil {
			t.Fatal(err)
		}
		e := f.Program(ids.known, 0).Explain()
		compare := func(what string, got, want []string) {
			ok := len(got) == len(want)
			for i := range want {
				ok = ok && strings.HasPrefix(got[i], want[i])
			}
			if !ok {
				t.Errorf("%s: %s: got %q, want lines that start %q", tt.filter, what, got, want)
			}
		}
		compare("kernel", e.Kernel, tt.kernel)
		compare("user space", e.UserSpace, tt.user)
	}
}
