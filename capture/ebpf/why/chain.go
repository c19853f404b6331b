package why

import (
	"fmt"

	"github.com/nlsniff/nlsniff/internal/phrase"
)

// Sure says how sure a place is.
type Sure uint8

// How sure a place is.
const (
	SureUnknown Sure = iota // the kernel's code cannot be read
	SurePassed              // the function has no such errno: something deeper made it, or the code in a table did
	SureOne                 // exactly one place in the function makes this errno
	SureSome                // one of several places in the function
)

// Step is a function that a refusal came through.
type Step struct {
	Function string
	Module   string // "" for the kernel itself
}

// Reason is where a request was refused.
type Reason struct {
	PID, PortID, Seq uint32
	Proto            uint16
	Errno            int32  // negative
	Text             string // the kernel's words, whether the program asked for them or not
	Comm             string
	Chain            []Step // the innermost first
	Sure             Sure
	Places           int  // in the innermost function that make the errno
	Lost             bool // records were lost: the chain may have holes
	Unanswered       bool // the call failed; there is no message that says so
}

// String is one line: the place, the way, how sure it is.
func (r *Reason) String() string {
	if len(r.Chain) == 0 {
		return "refused where no probe sits; a module that was loaded since has none"
	}
	s := "refused in "
	if r.Sure == SurePassed {
		s = "refused in or below "
	}
	for i, c := range r.Chain {
		if i > 0 {
			s += " ← "
		}
		s += c.Function
		if c.Module != "" {
			s += " [" + c.Module + "]"
		}
		if i == 0 {
			if file := sourceFile(c); file != "" {
				s += " (" + file + ")"
			}
		}
	}
	switch r.Sure {
	case SureOne:
		s += "; the only place there that makes this errno"
	case SureSome:
		s += fmt.Sprintf("; one of %s there that make this errno", phrase.Count(r.Places, "place"))
	case SurePassed:
		s += "; not sure: passed on from deeper"
	default:
		s += "; not sure: the kernel's code could not be read"
	}
	if r.Lost {
		s += "; not sure: records were lost"
	}
	return s
}

// chainOf finds the way of an errno: the last function that returned it before
// the answer is the outermost, the last within that one the next. The innermost is
// first. It ends before limit, an index into list, and says from where on the
// records belong to it.
func chainOf(list []returned, limit int, fits func(returned) bool) (chain []returned, from int) {
	outer := -1
	for i := limit - 1; i >= 0; i-- {
		if fits(list[i]) {
			outer = i
			break
		}
	}
	if outer < 0 {
		return nil, limit
	}
	top := list[outer]
	chain = []returned{top}
	from = outer
	in := top.in
	for i := outer - 1; i >= 0 && list[i].in > top.in; i-- {
		from = i
		if list[i].in > in && fits(list[i]) {
			chain = append([]returned{list[i]}, chain...)
			in = list[i].in
		}
	}
	return chain, from
}
