package packet

import (
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
func describeDNS(t *text, p []byte) {
	var parser dnsmessage.Parser
	h, err := parser.Start(p)
	if err != nil {
		return
	}
	if h.Response {
		t.str("answer id ").num(uint64(h.ID)).str(" code ").num(uint64(h.RCode)).str(" answers ").num(uint64(be.Uint16(p[6:])))
	} else {
		t.str("query id ").num(uint64(h.ID))
	}
	if q, err := parser.Question(); err == nil {
		t.str(" ").str(q.Name.String()).str(" ").str(strings.TrimPrefix(q.Type.String(), "Type"))
	}
}
