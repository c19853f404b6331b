package pcapng

import "github.com/nlsniff/nlsniff/capture"

// internMax is how many names are kept. A capture has few; a file made to
// have many must not fill the memory.
const internMax = 4096

// internLen is how long a name can be that is kept.
const internLen = 256

// keeper holds what frames point to beside the blocks that they come from.
type keeper struct {
	interner
	cooked []byte // a frame whose header had another form

	comments []byte // of the frame that is read

	delivery capture.Delivery
	event    capture.Event
}

// interner gives equal byte strings the same string, without an allocation
// for one that it knows.
type interner struct{ names map[string]string }

func (n *interner) name(b []byte) string {
	if len(b) == 0 {
		return ""
	}
	if len(b) > internLen {
		return string(b)
	}
	if s, ok := n.names[string(b)]; ok {
		return s
	}
	if n.names == nil || len(n.names) >= internMax {
		n.names = make(map[string]string)
	}
	s := string(b)
	n.names[s] = s
	return s
}
