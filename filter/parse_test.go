package filter

import (
	"strings"
	"testing"
	"time"

	"github.com/nlsniff/nlsniff/families"
)

func TestParse(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"pid", "pid"},
		{"not pid", "not pid"},
		{"!pid", "not pid"},
		{"a == 1 and b != 2 or c > 3", "a == 1 and b != 2 or c > 3"},
		{"a == 1 and (b != 2 or c > 3)", "a == 1 and (b != 2 or c > 3)"},
		{"a || b xor c && d", "a or b xor c and d"},
		{"(a or b) or c", "a or b or c"},
		{"not (a and b)", "not (a and b)"},
		{"not a and b", "not a and b"},
		{"a eq 1 && b ne 2 && c gt 3 && d lt 4 && e ge 5 && f le 6", "a == 1 and b != 2 and c > 3 and d < 4 and e >= 5 and f <= 6"},
		{"a === 1 or b !== 2 or c all_eq 3 or d any_ne 4 or e ~= 5", "a === 1 or b !== 2 or c === 3 or d !== 4 or e !== 5"},
		{"1 < a < 5", "1 < a and a < 5"},
		{`a contains "x" and b matches "^y" and c ~ z`, `a contains "x" and b matches "^y" and c matches z`},
		{"a in {1, 2..5 10.0.0.0/8}", "a in {1, 2 .. 5, 10.0.0.0/8}"},
		{"a not in {1}", "a not in {1}"},
		{"any a > 5 and all b in {1,2}", "any a > 5 and all b in {1, 2}"},
		{"a[0:3] == 00:11:22", "a[0:3] == 00:11:22"},
		{"a[1] == 5 or a[1-3] == 6 or a[:2] == 7 or a[2:] == 8 or a[-2:] == 9 or a[0:1,4] == 1", "a[1:1] == 5 or a[1:3] == 6 or a[0:2] == 7 or a[2:] == 8 or a[-2:] == 9 or a[0:1, 4:1] == 1"},
		{"len(a) > 5 and LOWER(b) == 'x'", `len(a) > 5 and lower(b) == "x"`},
		{"a & 0x3 and b & UP|RUNNING == 1", "a & 0x3 and b & UP|RUNNING == 1"},
		{"a & (UP|RUNNING)", "a & UP|RUNNING"},
		{`"eth0"`, `"eth0"`},
		{`r"\d" and "\x1b\"\\d"`, `"\\d" and "\x1b\"\\d"`},
		{"rt-link.linkinfo.data.vxlan.id > 100", "rt-link.linkinfo.data.vxlan.id > 100"},
	} {
		e, err := parse(c.in)
		if err != nil {
			t.Errorf("%s: %v\n%s", c.in, err, err.Caret())
			continue
		}
		if got := text(e); got != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.in, got, c.want)
		}
	}
}

func TestErrors(t *testing.T) {
	env := NewEnv(families.Embedded(), time.UTC)
	for _, c := range []struct{ in, under, msg, hint string }{
		{"", "", "the filter is empty", ""},
		{"pid ==", "", "expected a field or a value, not end of the filter", ""},
		{"wireguard", "wireguard", "no field is called wireguard", "family == wireguard"},
		{"rt-link and mtu", "rt-link", "no field is called rt-link", "family == rt-link"},
		{"RTM_NEWLINK", "RTM_NEWLINK", "no field is called RTM_NEWLINK", "op == RTM_NEWLINK"},
		{"IFLA_IFNANE == 1", "IFLA_IFNANE", "no field is called IFLA_IFNANE", "did you mean IFLA_IFNAME?"},
		{"error == EINVALL", "EINVALL", "error: EINVALL is no number and no errno", "did you mean EINVAL?"},
		{`finding == "header.shrt"`, `"header.shrt"`, "no finding is called header.shrt", "did you mean header.short?"},
		{`exchange.finding in {"exchange.slow", "exchange.untdy"}`, `"exchange.untdy"`, "no exchange.finding is called exchange.untdy", "did you mean exchange.untidy?"},
		{"type == RTM_NEWLNIK", "RTM_NEWLNIK", "type: no message type is called RTM_NEWLNIK", "did you mean RTM_NEWLINK?"},
		{"type == NL80211_CMD_GET_WIPHY", "NL80211_CMD_GET_WIPHY", "type: no message type is called NL80211_CMD_GET_WIPHY", "it is a command: cmd == NL80211_CMD_GET_WIPHY"},
		{"cmd == RTM_NEWLINK", "RTM_NEWLINK", "cmd: no command is called RTM_NEWLINK", "it is a message type: type == RTM_NEWLINK"},
		{"ifi_flags & IFF_RUNING", "IFF_RUNING", "ifi_flags: IFF_RUNING is no number and no iff", "did you mean IFF_RUNNING?"},
		{"pid == 1 tid == 2", "tid", "unexpected tid", "join two tests with and, or, xor"},
		{"(pid == 1", "", "expected ), not end of the filter", ""},
		{"pid == 1)", ")", "unexpected )", ""},
		{`comm == "x`, `"x`, `a string without its closing "`, ""},
		{"pid # 5", "#", "unexpected character #", ""},
		{"lne(comm) == 1", "lne", "there is no function lne", "did you mean len?"},
		{"pid in 5", "5", "expected { behind in, not 5", "FIELD in {1, 5..9}"},
		{"pid in {5, )}", ")", "expected , or }, not )", ""},
		{"IFLA_ADDRESS[x] == 1", "x", "not a range of bytes", "[OFFSET:LENGTH], [FROM-TO], [OFFSET], [:LENGTH] or [OFFSET:]"},
		{"pid[0:1] == 1", "pid", "pid is a number; only bytes and strings have slices", ""},
		{`comm matches "("`, `"("`, "missing closing ): `(`", "regular expressions are RE2's"},
		{`pid matches "1"`, `"1"`, "pid is a number; matches is for strings, bytes and names", ""},
		{"IFLA_LINKINFO == 5", "5", "IFLA_LINKINFO cannot be compared: it has no value to compare with; the field alone asks whether it is there", ""},
		{"IFA_ADDRESS == 10.0.0", "10.0.0", "IFA_ADDRESS: 10.0.0 is no address and no prefix such as 192.0.2.0/24", ""},
		{"IFLA_ADDRESS == 00:11:zz", "00:11:zz", `IFLA_ADDRESS: 00:11:zz is neither bytes such as 00:1a:2b nor a "string"`, ""},
		{"frame.time > yesterday", "yesterday", `frame.time: not a time such as "2026-11-23 12:01:20.5" or 2026-11-23T12:01:20Z`, ""},
		{"frame.time_delta > 5 parsecs", "parsecs", "unexpected parsecs", "join two tests with and, or, xor"},
		{"frame.time_delta > 5kg", "5kg", "frame.time_delta: 5kg is no number and no duration such as 10ms", ""},
		{"any pid", "", "any needs a comparison", "any FIELD == VALUE"},
		{"len(comm)", "len(comm)", "a function's value has to be compared with something", "len(comm) > 0"},
		{"5 == 5", "5", "5 is not a field", "a value stands behind a field and an operator: FIELD == 5"},
		{`comm == pid & 5`, "pid & 5", "pid & 5 and comm have values of different kinds", ""},
		{"pid == comm", "comm", "comm and pid have values of different kinds", ""},
		{`upper(pid) == "A"`, "pid", "pid is no text", "upper is for strings and names"},
		{"comm & 5", "comm", "comm has no bits", "& is for numbers and flags"},
		{"rt-link.linkinfo.dat.id == 5", "rt-link.linkinfo.dat.id", "no field is called rt-link.linkinfo.dat.id", ""},
		{strings.Repeat("(", 100) + "pid", "", "nested deeper than 64 levels", ""},
		{strings.Repeat("!", 100) + "pid", "", "nested deeper than 64 levels", ""},
	} {
		_, err := Compile(c.in, env)
		if err == nil {
			t.Errorf("%s: no error", c.in)
			continue
		}
		e := err.(*Error)
		if e.Msg != c.msg || c.hint != "" && e.Hint != c.hint {
			t.Errorf("%s\n got %s; hint: %s\nwant %s; hint: %s", c.in, e.Msg, e.Hint, c.msg, c.hint)
		}
		if c.under != "" && c.in[e.Off:e.Off+e.Len] != c.under {
			t.Errorf("%s: the caret is under %q, not %q", c.in, c.in[e.Off:e.Off+e.Len], c.under)
		}
	}
}

func TestCaret(t *testing.T) {
	e := &Error{Expr: "größe == 5\x1b", Off: 10, Len: 2}
	if want := "größe == 5?\n        ^^"; e.Caret() != want {
		t.Errorf("got\n%s\nwant\n%s", e.Caret(), want)
	}
}

// FuzzParse holds that what is printed is read as the same filter, and that an
// error, also one of names and types, points into the expression.
func FuzzParse(f *testing.F) {
	env := NewEnv(families.Embedded(), time.UTC)
	env.everything()
	for _, s := range []string{
		"pid == 1 and not (comm contains \"x\" or len(exe) > 3)", "a in {1..2, 3 .. 4}", "x[1:2,-3] & A|B", `r"\d" ~ "\x00\101"`, "a<b<c", "any a~b",
		"rt-link.linkinfo.data.vxlan.id > 1.5", "IFLA_ADDRESS[0:3] == 1:2:3", "frame.time > 2026-01-01", "IFA_ADDRESS == 10.0.0.0/8", "comm & 1", "5ms < frame.time_delta",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if _, err := Compile(s, env); err != nil {
			if e := err.(*Error); e.Off < 0 || e.Len < 0 || e.Off+e.Len > len(e.Expr) {
				t.Fatalf("%q: the error is at %d, %d bytes", s, e.Off, e.Len)
			}
		}
		e, err := parse(s)
		if err != nil {
			if err.Off < 0 || err.Off > len(err.Expr) || err.Len < 0 || err.Off+err.Len > len(err.Expr) {
				t.Fatalf("%q: the error is at %d, %d bytes", s, err.Off, err.Len)
			}
			err.Caret()
			return
		}
		one := text(e)
		again, err := parse(one)
		if err != nil {
			if len(one) > maxExpr {
				return
			}
			t.Fatalf("%q is printed as %q: %v", s, one, err)
		}
		if two := text(again); two != one {
			t.Fatalf("%q is printed as %q, and that as %q", s, one, two)
		}
	})
}
