package live

import (
	"encoding/binary"
	"maps"
	"slices"
	"sync"

	"github.com/mdlayher/genetlink"
	"golang.org/x/sys/unix"

	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/internal/policy"
)

// Registry knows which generic families the running kernel has, now. Methods
// may be called from several goroutines.
type Registry struct {
	client *client
	namer  policy.Namer

	mu      sync.Mutex
	known   map[uint16]*policy.Family
	absent  map[uint16]bool // asked for in vain since something last changed
	changed chan struct{}
}

// Open asks for all families.
func Open() (*Registry, error) {
	c, err := dial()
	if err != nil {
		return nil, err
	}
	r := &Registry{client: c, namer: &enumNames{}, known: map[uint16]*policy.Family{}, absent: map[uint16]bool{}, changed: make(chan struct{}, 1)}
	if err := r.Refresh(); err != nil {
		r.Close()
		return nil, err
	}
	return r, nil
}

// Close closes the socket. What is known stays.
func (r *Registry) Close() error { return r.client.conn.Close() }

// PortID is the netlink portid of the socket that asks.
func (r *Registry) PortID() uint32 { return r.client.portid }

// Changed receives after families came or went, as far as Learn or Ask were told.
func (r *Registry) Changed() <-chan struct{} { return r.changed }

// Refresh asks for all families anew.
func (r *Registry) Refresh() error {
	all, err := r.client.families()
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	clear(r.known)
	clear(r.absent)
	for _, f := range all {
		r.known[f.ID] = f
	}
	return nil
}

// IDs returns the families' names by their ids.
func (r *Registry) IDs() map[uint16]string {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := make(map[uint16]string, len(r.known))
	for id, f := range r.known {
		out[id] = f.Name
	}
	return out
}

// Ask asks the kernel what an id is; "" means that no family has it. talk is
// what was said, nil if nothing was: an id that nobody has is asked for once,
// until the families change.
func (r *Registry) Ask(id uint16) (name string, talk []Message) {
	r.mu.Lock()
	absent := r.absent[id]
	r.mu.Unlock()
	if absent {
		return "", nil
	}
	f, talk, err := r.client.family(id)
	r.mu.Lock()
	defer r.mu.Unlock()
	if f == nil {
		// A kernel that does not answer is not asked for every frame.
		r.absent[id] = true
		return "", nil
	}
	if err == nil && r.known[id] == nil {
		r.known[id] = f
		r.tell()
	}
	return f.Name, talk
}

// tell wakes who listens on Changed.
func (r *Registry) tell() {
	select {
	case r.changed <- struct{}{}:
	default:
	}
}

// Learn takes a notification of the controller's, from its nlmsghdr on, in host
// byte order. A registry does not listen: a capture sees them anyway, and each
// listener has the kernel send one more copy.
func (r *Registry) Learn(message []byte) {
	var m genetlink.Message
	if len(message) < unix.NLMSG_HDRLEN || m.UnmarshalBinary(message[unix.NLMSG_HDRLEN:]) != nil {
		return
	}
	f := &policy.Family{}
	f.Learn(m.Data, binary.NativeEndian)
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case f.ID == 0:
		return
	case m.Header.Command == ctrlNewFamily && f.Name != "":
		r.known[f.ID] = f
	case m.Header.Command == ctrlDelFamily:
		delete(r.known, f.ID)
	}
	clear(r.absent)
	r.tell()
}

// Describe makes a description of a family from its policies and the kernel's
// enums, every part of it marked as a guess. It returns nil for a family that
// is not there.
func (r *Registry) Describe(name string) *families.Family {
	f := r.policies(name)
	if f == nil {
		return nil
	}
	fam, err := f.Describe(r.namer)
	if err != nil {
		return nil
	}
	return fam
}

// Spec writes that description in nlsniff's own language, "" for a family that
// is not there.
func (r *Registry) Spec(name string) string {
	f := r.policies(name)
	if f == nil {
		return ""
	}
	return f.Spec(r.namer)
}

// Policies asks the kernel what a family accepts. It returns what was said.
func (r *Registry) Policies(name string) []Message {
	f := r.find(name)
	if f == nil {
		return nil
	}
	talk, _ := r.client.policies(f)
	return together(talk)
}

// policies returns a copy of what is known of a family, with its policies.
func (r *Registry) policies(name string) *policy.Family {
	f := r.find(name)
	if f != nil {
		_, _ = r.client.policies(f) // without them, commands are known
	}
	return f
}

// find returns a copy of what is known of a family, nil if it is not there.
func (r *Registry) find(name string) *policy.Family {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, f := range r.known {
		if f.Name == name {
			c := *f
			c.Ops = slices.Clone(f.Ops)
			return &c
		}
	}
	return nil
}

// Names lists the families that are there.
func (r *Registry) Names() []string {
	var out []string
	for name := range maps.Values(r.IDs()) {
		out = append(out, name)
	}
	return out
}
