package families

import (
	"slices"
	"sync/atomic"
)

// Table finds messages by id and direction.
type Table struct {
	// Keyed is set if one of the descriptions says so of itself.
	Keyed    bool
	datagram *Message
	entries  // all of them, unless there is a rest
	rest     *rest
}

// entries are messages by id.
type entries struct {
	req, rep, events []*Message
	unread           []*unit // descriptions whose messages are not among them
}

// rest is what belongs to a table and is read when a message of it comes: a
// protocol has many descriptions, and a capture few of its messages.
type rest struct {
	db  *DB
	now atomic.Pointer[entries] // is replaced, never changed
}

// Lookup finds a message by its id. reply says which id space is meant where
// the two differ; an id that only the other one has is found as well.
func (t *Table) Lookup(id uint16, reply bool) *Message {
	e := t.with(id)
	a, b := e.req, e.rep
	if reply {
		a, b = b, a
	}
	if m := at(a, id); m != nil {
		return m
	}
	return at(b, id)
}

// Event finds a message that the kernel multicasts and that has an event's
// number, else nil.
func (t *Table) Event(id uint16) *Message { return at(t.with(id).events, id) }

func at(list []*Message, id uint16) *Message {
	if int(id) < len(list) {
		return list[id]
	}
	return nil
}

// with returns the entries, among them those of an id.
func (t *Table) with(id uint16) *entries {
	if t.rest == nil {
		return &t.entries
	}
	e := t.rest.now.Load()
	if len(e.unread) > 0 && at(e.req, id) == nil && at(e.rep, id) == nil {
		if has := func(u *unit) bool { return u.has(id) }; slices.ContainsFunc(e.unread, has) {
			return t.rest.read(has)
		}
	}
	return e
}

// all returns all entries.
func (t *Table) all() *entries {
	if t.rest == nil {
		return &t.entries
	}
	return t.rest.read(every)
}

func every(*unit) bool { return true }

// read reads the unread descriptions for which a function holds.
func (r *rest) read(which func(*unit) bool) *entries {
	r.db.mu.Lock()
	defer r.db.mu.Unlock()
	return r.readLocked(which)
}

func (r *rest) readLocked(which func(*unit) bool) *entries {
	old := r.now.Load()
	e := &entries{slices.Clone(old.req), slices.Clone(old.rep), slices.Clone(old.events), nil}
	for _, u := range old.unread {
		if !which(u) {
			e.unread = append(e.unread, u)
			continue
		}
		f, err := r.db.load(u.name)
		if err != nil {
			panic(err) // a test reads every embedded file
		}
		for _, m := range f.Messages {
			e.add(m, false)
		}
	}
	r.now.Store(e)
	return e
}

// Datagram is what the protocol's frames are where they have no nlmsghdr, else
// nil.
func (t *Table) Datagram() *Message { return t.datagram }

// Messages returns the messages of both directions, by number; one that goes
// both ways stands there once.
func (t *Table) Messages() []*Message {
	var out []*Message
	e := t.all()
	for i := range max(len(e.req), len(e.rep)) {
		req, rep := at(e.req, uint16(i)), at(e.rep, uint16(i))
		if req != nil {
			out = append(out, req)
		}
		if rep != nil && rep != req {
			out = append(out, rep)
		}
	}
	return out
}

// clone copies a table. The lock of its DB is held.
func (t *Table) clone() *Table {
	e := &t.entries
	if t.rest != nil {
		e = t.rest.readLocked(every)
	}
	return &Table{Keyed: t.Keyed, datagram: t.datagram,
		entries: entries{slices.Clone(e.req), slices.Clone(e.rep), slices.Clone(e.events), nil}}
}

// Add enters m; an id that is taken is kept unless replace is set.
func (t *Table) Add(m *Message, replace bool) { t.add(m, replace) }

func (e *entries) add(m *Message, replace bool) {
	if m.Req {
		e.req = enter(e.req, m, replace)
	}
	if m.Rep {
		e.rep = enter(e.rep, m, replace)
	}
	if m.Event {
		e.events = enter(e.events, m, replace)
	}
}

func enter(dst []*Message, m *Message, replace bool) []*Message {
	if n := int(m.ID) + 1 - len(dst); n > 0 {
		dst = append(dst, make([]*Message, n)...)
	}
	if dst[m.ID] == nil || replace {
		dst[m.ID] = m
	}
	return dst
}
