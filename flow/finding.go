package flow

import (
	"strconv"
	"strings"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/internal/phrase"
)

// Code is the stable name of a kind of finding on an exchange.
type Code uint8

// The findings, the worst first.
const (
	FindTruncated Code = iota
	FindNeverRead
	FindNotSent
	FindError
	FindNoAck
	FindRepeated
	FindWarning
	FindUnanswered
	FindNoRequest
	FindNotReached
	FindDiscarded
	FindCircle
	FindInterrupted
	FindUnread
	FindOverrun
	FindCut
	FindMalformed
	FindFlags
	FindRetried
	FindResync
	FindSlow
	FindNoExtAck
	FindProbe
	FindSeqReused
	FindPortID
	FindDeprecated
	FindUntidy
	FindSilent
	FindOrphan
	NumCodes
)

type codeInfo struct {
	name string
	sev  dissect.Severity
	text string // %a and %b stand for the finding's numbers, %x for a in hexadecimal, %p for a as Parts
}

// codes is documented in docs/findings.md; a test compares the two.
var codes = [NumCodes]codeInfo{
	FindTruncated:   {"exchange.truncated", dissect.Error, "the receiver's buffer was too small: a part of the answer is lost"},
	FindNeverRead:   {"exchange.never_read", dissect.Error, "the program closed its socket and has not read the answer; errno %a"},
	FindNotSent:     {"exchange.not_sent", dissect.Error, "the kernel did not take the message: errno %a"},
	FindError:       {"exchange.error", dissect.Warning, "the kernel refused with errno %a"},
	FindNoAck:       {"exchange.no_ack", dissect.Warning, "the request failed, but asked for no ACK: its sender may never look for the error"},
	FindRepeated:    {"exchange.repeated", dissect.Warning, "the same request has failed as exchange %a"},
	FindWarning:     {"exchange.warning", dissect.Warning, "the kernel did it, but has something to say"},
	FindUnanswered:  {"exchange.unanswered", dissect.Warning, "an answer is due, and none came"},
	FindNoRequest:   {"exchange.no_request", dissect.Warning, "the kernel ignores a message without NLM_F_REQUEST"},
	FindNotReached:  {"exchange.not_reached", dissect.Warning, "the kernel stops at the end of a datagram's first batch: it has not looked at this"},
	FindDiscarded:   {"exchange.discarded", dissect.Warning, "nothing of the batch is done: it has no NFNL_MSG_BATCH_END, or is not sound (nft -c sends such to check)"},
	FindCircle:      {"exchange.circle", dissect.Warning, "the dump repeats a part: it may go on without end"},
	FindInterrupted: {"exchange.interrupted", dissect.Warning, "what the dump lists changed meanwhile, and the program did not read it again"},
	FindUnread:      {"exchange.unread", dissect.Warning, "the program did not read the dump to its end"},
	FindOverrun:     {"exchange.overrun", dissect.Warning, "messages to this socket were lost before frame %a, and the program goes on without a dump"},
	FindCut:         {"exchange.cut", dissect.Warning, "not all is there of its %p"},
	FindMalformed:   {"exchange.malformed", dissect.Warning, "the request has %a %(a finding of its own that is more than a note|findings of its own that are more than notes)"},
	FindFlags:       {"exchange.flags", dissect.Warning, "flag bits %x have no business in such a request"},
	FindRetried:     {"exchange.retried", dissect.Note, "what the dump lists changed meanwhile; exchange %a reads it again"},
	FindResync:      {"exchange.resync", dissect.Note, "reads again what was lost before frame %a"},
	FindSlow:        {"exchange.slow", dissect.Note, "the first answer took %a ms"},
	FindNoExtAck:    {"exchange.no_ext_ack", dissect.Note, "the kernel gave no reason, as the program did not ask for one (NETLINK_EXT_ACK)"},
	FindProbe:       {"exchange.probe", dissect.Note, "the request asks for nothing but whether the kernel knows its type; it does, so errno %a is no failure"},
	FindSeqReused:   {"exchange.seq_reused", dissect.Note, "exchange %a has the same number, and is still open"},
	FindPortID:      {"exchange.portid", dissect.Note, "the request says portid %a, but its socket has %b"},
	FindDeprecated:  {"exchange.deprecated", dissect.Note, "attribute type %a is one that the kernel has given up"},
	FindUntidy:      {"exchange.untidy", dissect.Note, "the request is not as the kernel would write it: %a %(a note|notes)"},
	FindSilent:      {"exchange.silent", dissect.Note, "inferred: %a %(a request like this one was|requests like this one were each) followed by a notification, this one was not"},
	FindOrphan:      {"exchange.orphan", dissect.Note, "the request is not in the capture"},
}

// Codes lists the names of all findings.
func Codes() []string {
	out := make([]string, 0, NumCodes)
	for i := range codes {
		out = append(out, codes[i].name)
	}
	return out
}

// Finding is one thing about an exchange that is worth a look.
type Finding struct {
	Code Code
	A, B uint64 // the numbers in its text
}

// Severity ranks the finding.
func (f Finding) Severity() dissect.Severity { return codes[f.Code].sev }

// Name returns the code's stable name.
func (f Finding) Name() string { return codes[f.Code].name }

// AppendText appends one line for a person.
func (f Finding) AppendText(dst []byte) []byte {
	s := codes[f.Code].text
	for i := 0; i < len(s); i++ {
		if s[i] != '%' || i+1 == len(s) {
			dst = append(dst, s[i])
			continue
		}
		i++
		switch s[i] {
		case 'a':
			dst = strconv.AppendUint(dst, f.A, 10)
		case 'b':
			dst = strconv.AppendUint(dst, f.B, 10)
		case 'p':
			for k, name := range Parts(f.A).Names() {
				if k > 0 {
					dst = append(dst, " and "...)
				}
				dst = append(dst, name...)
			}
		case '(': // (a one|more), of the number a
			end := i + strings.IndexByte(s[i:], ')')
			dst = append(dst, phrase.Choose(f.A, s[i+3:end])...)
			i = end
		case 'x':
			dst = append(dst, "0x"...)
			dst = strconv.AppendUint(dst, f.A, 16)
		}
	}
	return dst
}

// Note adds a finding, each code once; the findings stay sorted.
func (e *Exchange) Note(c Code, a, b uint64) {
	i := 0
	for ; i < len(e.Findings) && e.Findings[i].Code <= c; i++ {
		if e.Findings[i].Code == c {
			return
		}
	}
	e.Findings = append(e.Findings, Finding{})
	copy(e.Findings[i+1:], e.Findings[i:])
	e.Findings[i] = Finding{c, a, b}
}

// Has says whether there is a finding with that code.
func (e *Exchange) Has(c Code) bool {
	for _, f := range e.Findings {
		if f.Code == c {
			return true
		}
	}
	return false
}
