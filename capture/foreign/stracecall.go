package foreign

import (
	"path"
	"strconv"
	"strings"

	"github.com/nlsniff/nlsniff/capture"
)

// call is a system call as strace prints it.
type call struct {
	process capture.Process
	time    int64
	offset  int64
	name    string
	text    string   // its arguments as printed
	bare    string   // without what stands in quotes
	args    []string // bare, apart
	ret     int64
	errno   string
	made    string // what stands behind a number that was returned

	proto  uint8
	socket socket
	dumped bool
	parts  [][]byte // datagrams; all but recvmmsg and sendmmsg have one
}

var (
	callName = pattern(`^[a-z][a-z0-9_]*\(`)
	returned = pattern(`^(0x[0-9a-f]+|-?\d+)(<[^ ]*>)?(?: (E[A-Z0-9]+))?`)
	address  = pattern(`sa_family=(?:AF_NETLINK|0x10), nl_pid=(-?\d+)(?:<[^>]*>)?, nl_groups=(?:0x)?([0-9a-f]+)`)
	iovLen   = pattern(`iov_len=(\d+)`)
	program  = pattern(`"([^"]+)"`)
)

// calls are those that move datagrams.
var calls = map[string]capture.Call{
	"sendto": capture.CallSend, "send": capture.CallSend, "sendmsg": capture.CallSendMsg, "sendmmsg": capture.CallSendMMsg,
	"write": capture.CallWrite, "writev": capture.CallWriteV,
	"recvfrom": capture.CallRecv, "recv": capture.CallRecv, "recvmsg": capture.CallRecvMsg, "recvmmsg": capture.CallRecvMMsg,
	"read": capture.CallRead, "readv": capture.CallReadV,
}

// sends says whether a line is of a call that sends.
func sends(text string) bool {
	return strings.HasPrefix(text, "send") || strings.HasPrefix(text, "write")
}

// parseCall takes a line apart that holds a whole call. It returns nil for
// anything else.
func parseCall(text string) *call {
	name := callName().FindString(text)
	end := strings.LastIndex(text, " = ")
	if name == "" || end < len(name) {
		return nil
	}
	args := strings.TrimRight(text[len(name):end], " ")
	m := returned().FindStringSubmatch(text[end+3:])
	if m == nil || !strings.HasSuffix(args, ")") {
		return nil
	}
	c := &call{name: name[:len(name)-1], text: args[:len(args)-1], made: m[2], errno: m[3]}
	c.ret, _ = strconv.ParseInt(m[1], 0, 64)
	c.bare = unquoted(c.text)
	c.args = apart(c.bare)
	return c
}

// unquoted empties the strings of a list of arguments: they come from outside.
func unquoted(s string) string {
	var b strings.Builder
	in := false
	for i := 0; i < len(s); i++ {
		switch {
		case in && s[i] == '\\':
			i++
		case s[i] == '"':
			in = !in
			b.WriteByte('"')
		case !in:
			b.WriteByte(s[i])
		}
	}
	return b.String()
}

// apart splits arguments at the commas that are in no brackets.
func apart(s string) (list []string) {
	depth, from := 0, 0
	for i := range len(s) {
		switch s[i] {
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			depth--
		case ',':
			if depth == 0 {
				list = append(list, strings.TrimSpace(s[from:i]))
				from = i + 1
			}
		}
	}
	return append(list, strings.TrimSpace(s[from:]))
}

// arg returns an argument, "" if there is none.
func (c *call) arg(i int) string {
	if i < len(c.args) {
		return c.args[i]
	}
	return ""
}

// moves says whether the call sends or receives.
func (c *call) moves() bool { return calls[c.name] != capture.CallUnknown }

// peeks says whether the datagram stays in the socket and comes once more.
func (c *call) peeks() bool {
	if strings.Contains(c.bare, "MSG_PEEK") {
		return true
	}
	at := 3
	switch c.name {
	case "recvmsg":
		at = 2
	case "recv", "recvfrom", "recvmmsg":
	default:
		return false
	}
	flags, err := strconv.ParseUint(c.arg(at), 0, 32) // -X raw
	return err == nil && flags&msgPeek != 0
}

const msgPeek = 2 // MSG_PEEK

// unsure says whether this may be another file: without -y a descriptor is only a
// number, and who closes it does not show unless close is traced.
func (c *call) unsure() bool {
	if c.decorated() || strings.HasPrefix(c.name, "send") || strings.HasPrefix(c.name, "recv") {
		return false
	}
	if len(c.parts) == 0 {
		return true
	}
	_, ok := beginsMessage(c.parts[0])
	return !ok
}

// decorated says whether strace tells what the descriptor is.
func (c *call) decorated() bool { return strings.HasSuffix(c.arg(0), ">") }

// program is the comm of what execve starts.
func (c *call) program() string {
	m := program().FindStringSubmatch(c.text)
	if m == nil {
		return ""
	}
	name := path.Base(m[1])
	return name[:min(len(name), 15)]
}

// peer is the address of the other end.
func (c *call) peer() (portid, group uint32) {
	m := address().FindStringSubmatch(c.bare)
	if m == nil {
		return 0, 0
	}
	n, _ := strconv.ParseInt(m[1], 10, 64)
	mask, _ := strconv.ParseUint(m[2], 16, 32)
	for ; mask != 0; mask >>= 1 {
		group++
	}
	return uint32(n), group
}

// room is how many bytes a receiver had room for, 0 if that is not told.
func (c *call) room() (n int64) {
	switch c.name {
	case "recvfrom", "recv", "read":
		n, _ = strconv.ParseInt(c.arg(2), 0, 64)
	case "recvmsg", "readv":
		for _, m := range iovLen().FindAllStringSubmatch(c.bare, -1) {
			k, _ := strconv.ParseInt(m[1], 10, 64)
			n += k
		}
	}
	return max(n, 0)
}
