package capfilter

import "strings"

// Names is where the words of a filter get their numbers. The names of
// protocols, messages, families and errors are the kernel's or YNL's.
type Names interface {
	// Protocol finds a netlink protocol by name ("NETLINK_ROUTE", "route").
	Protocol(name string) (uint8, bool)
	// Protocols lists what Protocol knows, for hints.
	Protocols() []string
	// Messages lists the message types of classic protocols and the commands
	// of generic families. It is asked once a filter at most.
	Messages() []Message
	// Families lists the families: generic ones by the name they register
	// under, and the descriptions of classic protocols.
	Families() []Family
	// Errno finds an error by name ("EINVAL"); the number is positive.
	Errno(name string) (int, bool)
	// Errnos lists what Errno knows, for hints.
	Errnos() []string
}

// Message is a message type of a classic protocol, or a command of a generic
// family.
type Message struct {
	Name  string // RTM_NEWLINK, NL80211_CMD_GET_WIPHY
	Short string // newlink, get-wiphy; may be empty
	// Genl is the generic family's registered name, "" for a message type.
	Genl string
	// Any says that the type means the same in every protocol: NLMSG_ERROR.
	Any   bool
	Proto uint8
	ID    uint16 // nlmsg_type, or genlmsghdr.cmd
	// Req and Rep say which way the number has this meaning.
	Req, Rep bool
}

// Family is a generic family, or a part of a classic protocol.
type Family struct {
	Name string
	// Genl is the registered name of a generic family, else "".
	Genl  string
	Proto uint8
	// Types are the message types of a family of a classic protocol.
	Types []Range
}

// Range is the numbers from Lo to Hi, both included.
type Range struct{ Lo, Hi uint16 }

func (r Range) has(v uint16) bool { return r.Lo <= v && v <= r.Hi }

// IDs tells which name a generic family's id has, as of a frame; "" if that is
// not known.
type IDs interface {
	Name(id uint16, frame int) string
}

// matches says whether a name that somebody typed means name: letter by
// letter, in another case, or as a pattern with * and ?.
func matches(typed, name string) bool {
	if name == "" {
		return false
	}
	if isPattern(typed) {
		return glob(strings.ToLower(typed), strings.ToLower(name))
	}
	return strings.EqualFold(typed, name)
}

func isPattern(s string) bool { return strings.ContainsAny(s, "*?") }

// glob compares s with a pattern in which * is any number of bytes and ? is
// one. It takes len(pattern)*len(s) steps at most.
func glob(pattern, s string) bool {
	p, i, star, mark := 0, 0, -1, 0
	for i < len(s) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, mark, p = p, i, p+1
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == s[i]):
			p, i = p+1, i+1
		case star >= 0:
			mark++
			p, i = star+1, mark
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}
