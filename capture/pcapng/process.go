package pcapng

import (
	"strconv"
	"strings"
	"unicode"

	"github.com/nlsniff/nlsniff/capture"
)

// appendProcess writes p as it is shown in a packet comment:
//
//	pid=183 tid=183 comm=ip exe=/usr/sbin/ip netns=4026531840 uid=0 cgroup=/user.slice
//
// The pid is always there, other members unless they are zero. Names are
// quoted as in Go where they would be ambiguous or unprintable.
func appendProcess(b []byte, p *capture.Process) []byte {
	b = append(b, "pid="...)
	b = strconv.AppendUint(b, uint64(p.PID), 10)
	if p.TID != 0 {
		b = append(b, " tid="...)
		b = strconv.AppendUint(b, uint64(p.TID), 10)
	}
	if p.Comm != "" {
		b = appendName(append(b, " comm="...), p.Comm)
	}
	if p.Exe != "" {
		b = appendName(append(b, " exe="...), p.Exe)
	}
	if p.NetNS != 0 {
		b = append(b, " netns="...)
		b = strconv.AppendUint(b, p.NetNS, 10)
	}
	if p.HasUID {
		b = strconv.AppendUint(append(b, " uid="...), uint64(p.UID), 10)
	}
	if p.Cgroup != "" {
		b = appendName(append(b, " cgroup="...), p.Cgroup)
	}
	return b
}

func appendName(b []byte, s string) []byte {
	for _, r := range s {
		if r == ' ' || r == '"' || r == '\\' || r == '`' || r == '\'' || r == unicode.ReplacementChar || !unicode.IsPrint(r) {
			return strconv.AppendQuote(b, s)
		}
	}
	return append(b, s...)
}

// parseProcess reads what appendProcess writes, with its members in any
// order. It reports false for anything else: that is a person's comment.
func parseProcess(s string) (p capture.Process, ok bool) {
	seen := ""
	for first := true; first || s != ""; first = false {
		if !first {
			if s, ok = strings.CutPrefix(s, " "); !ok {
				return p, false
			}
		}
		key, rest, found := strings.Cut(s, "=")
		if !found || strings.Contains(seen, key+"=") {
			return p, false
		}
		seen += key + "="
		s = rest
		switch key {
		case "pid":
			p.PID, s, ok = cutUint32(s)
		case "tid":
			p.TID, s, ok = cutUint32(s)
		case "netns":
			p.NetNS, s, ok = cutUint(s, 64)
		case "uid":
			p.HasUID = true
			p.UID, s, ok = cutUint32(s)
		case "cgroup":
			p.Cgroup, s, ok = cutName(s)
		case "comm":
			p.Comm, s, ok = cutName(s)
		case "exe":
			p.Exe, s, ok = cutName(s)
		default:
			return p, false
		}
		if !ok {
			return p, false
		}
	}
	return p, strings.Contains(seen, "pid=")
}

func cutUint32(s string) (uint32, string, bool) {
	v, rest, ok := cutUint(s, 32)
	return uint32(v), rest, ok
}

func cutUint(s string, bits int) (uint64, string, bool) {
	word, rest := cutWord(s)
	v, err := strconv.ParseUint(word, 10, bits)
	return v, rest, err == nil
}

// cutName reads a bare or quoted name.
func cutName(s string) (name, rest string, ok bool) {
	if !strings.HasPrefix(s, `"`) {
		name, rest = cutWord(s)
		return name, rest, name != ""
	}
	quoted, err := strconv.QuotedPrefix(s)
	if err != nil {
		return "", s, false
	}
	name, err = strconv.Unquote(quoted)
	return name, s[len(quoted):], err == nil
}

// cutWord cuts s before its first space.
func cutWord(s string) (word, rest string) {
	if i := strings.IndexByte(s, ' '); i >= 0 {
		return s[:i], s[i:]
	}
	return s, ""
}
