package packet

import (
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/net/dns/dnsmessage"
)

// isDNS says whether the bytes that came from or go to the port of DNS are
// that.
func isDNS(p []byte) bool {
	var parser dnsmessage.Parser
	if _, err := parser.Start(p); err != nil {
		return false
	}
	_, err := parser.AllQuestions()
	return err == nil
}

// describeDNS is what is asked, and what came of it.
func describeDNS(p []byte) string {
	var parser dnsmessage.Parser
	h, err := parser.Start(p)
	if err != nil {
		return ""
	}
	s := "query id " + strconv.Itoa(int(h.ID))
	if h.Response {
		s = fmt.Sprintf("answer id %d code %d answers %d", h.ID, h.RCode, be.Uint16(p[6:]))
	}
	if q, err := parser.Question(); err == nil {
		s += " " + q.Name.String() + " " + strings.TrimPrefix(q.Type.String(), "Type")
	}
	return s
}
