package families

import (
	"bytes"
	"embed"
	"fmt"
	"io"
	"io/fs"
	"math"
	"slices"
	"sort"
	"sync"
	"sync/atomic"
)

//go:embed spec/*.spec
var embedded embed.FS

// DB finds descriptions. Reading one is put off until something asks for one of
// its messages or its generic family, so that a start costs next to nothing. All
// methods may be called from several goroutines.
type DB struct {
	mu     sync.Mutex
	fsys   fs.FS
	units  map[string]*unit // by description name
	genl   map[string]string
	protos [256][]string

	tables   [256]*Table
	families map[string]*Family // loaded, by generic family name
	added    []*Family          // from elsewhere
	missing  []func(name string) *Family

	additions atomic.Uint32

	text  []byte     // of the description that is being read
	spare []*scratch // one for each level of descriptions that use others
}

// Additions counts the calls of Add: who remembers what it found looks again
// when the number has changed.
func (db *DB) Additions() uint32 { return db.additions.Load() }

// maxKnown is how many names of generic families are remembered before those
// that nobody described are forgotten.
const maxKnown = 1 << 11

// unit is one embedded file: its head, and the Family once it was read.
type unit struct {
	name, path, genl string
	protocol         uint8
	library          bool // only there for others to use
	keyed, datagram  bool
	ids              []idRange // of its messages, nil: any
	use              []string
	fam              *Family
	busy             bool
}

// has says whether a message with that number can be a description's.
func (u *unit) has(id uint16) bool { return inRanges(u.ids, id) }

// Open indexes the *.spec files of a folder by their heads.
func Open(fsys fs.FS) (*DB, error) {
	db := &DB{fsys: fsys, units: map[string]*unit{}, genl: map[string]string{}, families: map[string]*Family{}}
	paths, err := fs.Glob(fsys, "*.spec")
	if err != nil {
		return nil, err
	}
	var buf []byte
	for _, path := range paths {
		if buf, err = readSome(fsys, path, buf, headLen); err != nil {
			return nil, err
		}
		u, all, err := head(path, buf)
		if !all && len(buf) == headLen { // it is longer than heads are
			if buf, err = readSome(fsys, path, buf, math.MaxInt); err != nil {
				return nil, err
			}
			u, _, err = head(path, buf)
		}
		if err != nil {
			return nil, err
		}
		if db.units[u.name] != nil {
			return nil, fmt.Errorf("%s: family %s is there twice", path, u.name)
		}
		db.units[u.name] = u
		switch {
		case u.library:
		case u.genl != "":
			db.genl[u.genl] = u.name
		default:
			db.protos[u.protocol] = append(db.protos[u.protocol], u.name)
		}
	}
	return db, nil
}

// Embedded returns a new DB of the descriptions that come with nlsniff.
func Embedded() *DB {
	sub, err := fs.Sub(embedded, "spec")
	if err != nil {
		panic(err)
	}
	db, err := Open(sub)
	if err != nil {
		panic(err) // a test reads every embedded file
	}
	return db
}

// headLen is how many bytes of a description are read for its head at first.
const headLen = 1024

// readSome reads a file, or its first bytes, into a buffer.
func readSome(fsys fs.FS, path string, buf []byte, most int) ([]byte, error) {
	f, err := fsys.Open(path)
	if err != nil {
		return buf, err
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return buf, err
	}
	n := int(min(st.Size(), int64(most)))
	buf = slices.Grow(buf[:0], n)[:n]
	_, err = io.ReadFull(f, buf)
	return buf, err
}

// head reads the lines before the first block that is not of the head. all says
// that there is one: the head ended before the text did.
func head(path string, text []byte) (_ *unit, all bool, _ error) {
	u := &unit{path: path, library: true}
	var w []string
	for no := 1; len(text) > 0; no++ {
		var l []byte
		l, text, _ = bytes.Cut(text, []byte{'\n'})
		if len(l) == 0 || l[0] == '#' && printable(l) == nil {
			continue
		}
		var err error
		w, err = split(w[:0], string(l))
		if err != nil {
			return nil, len(text) > 0, &SpecError{path, no, err.Error()}
		}
		if len(w) == 0 {
			continue
		}
		if len(w) < 2 || !u.headLine(w) {
			all = len(text) > 0
			break
		}
	}
	if u.name == "" {
		return nil, all, fmt.Errorf("%s: no family line at the start", path)
	}
	return u, all, nil
}

// headLine takes in a line of the head. It returns false for another.
func (u *unit) headLine(w []string) bool {
	switch w[0] {
	case "family":
		u.name = w[1]
	case "protocol":
		u.protocol, _ = ProtocolNumber(w[1])
		u.library = false
	case "genl":
		u.genl, u.protocol = w[1], ProtoGeneric
		u.library = false
	case "use":
		u.use = append(u.use, w[1:]...)
	case "subsys": // the high byte of its numbers
		if n, ok := literal(w[1]); ok && n <= 0xff {
			u.ids = []idRange{{uint16(n << 8), uint16(n<<8 | 0xff)}}
		}
	case "ids":
		ids, _ := readRanges(w[1:])
		u.ids = append(u.ids, ids...)
	case "datagram":
		u.datagram = true
	case "unknown":
		u.keyed = true
	case "headers", "base":
	default:
		return false
	}
	return true
}

// described are the generic families that the embedded descriptions are of.
var described = sync.OnceValue(func() map[string]string { return Embedded().genl })

// Embeds says whether a generic family of that name is one that nlsniff came
// with a description of.
func Embeds(genl string) bool { return described()[genl] != "" }

// Load returns the description of that name.
func (db *DB) Load(name string) (*Family, error) {
	db.mu.Lock()
	defer db.mu.Unlock()
	return db.load(name)
}

func (db *DB) load(name string) (*Family, error) {
	u := db.units[name]
	if u == nil {
		return nil, fmt.Errorf("no description named %s", name)
	}
	if u.fam != nil {
		return u.fam, nil
	}
	if u.busy {
		return nil, fmt.Errorf("%s uses itself", name)
	}
	u.busy = true
	defer func() { u.busy = false }()
	var err error
	if db.text, err = readSome(db.fsys, u.path, db.text, math.MaxInt); err != nil {
		return nil, err
	}
	text := string(db.text) // which the names in it are parts of
	s := &scratch{}
	if n := len(db.spare); n > 0 {
		s, db.spare = db.spare[n-1], db.spare[:n-1]
	}
	u.fam, err = parseSpec(s, u.path, text, db.load)
	s.forget()
	db.spare = append(db.spare, s)
	return u.fam, err
}

// Protocol returns the messages of a classic netlink protocol: those of all
// descriptions that speak it. For an unknown protocol the table is empty.
func (db *DB) Protocol(p uint8) *Table {
	db.mu.Lock()
	defer db.mu.Unlock()
	if t := db.tables[p]; t != nil {
		return t
	}
	t := &Table{}
	var unread []*unit
	for _, name := range db.protos[p] {
		if u := db.units[name]; u.fam == nil && u.ids != nil && !u.datagram {
			t.Keyed = t.Keyed || u.keyed
			unread = append(unread, u)
			continue
		}
		f, err := db.load(name)
		if err != nil {
			panic(err) // a test reads every embedded file
		}
		t.Keyed = t.Keyed || f.Keyed
		for _, m := range f.Messages {
			t.Add(m, false)
		}
		if f.Datagram != nil {
			t.datagram = f.Datagram
		}
	}
	if unread != nil {
		t.rest = &rest{db: db}
		t.rest.now.Store(&entries{t.req, t.rep, t.events, unread})
	}
	db.tables[p] = t
	return t
}

// Genl returns the description of a generic netlink family by the name it is
// registered under, or nil.
func (db *DB) Genl(name string) *Family {
	db.mu.Lock()
	defer db.mu.Unlock()
	if f, ok := db.families[name]; ok {
		return f
	}
	if len(db.families) >= maxKnown {
		for n, f := range db.families {
			if f == nil {
				delete(db.families, n)
			}
		}
	}
	var f *Family
	if unit, ok := db.genl[name]; ok {
		var err error
		if f, err = db.load(unit); err != nil {
			panic(err) // a test reads every embedded file
		}
	} else {
		for _, ask := range db.missing {
			if f = ask(name); f != nil {
				break
			}
		}
	}
	db.families[name] = f
	return f
}

// OnMissing adds what is asked, once a name, for generic families that nobody
// described, after those that were added before.
func (db *DB) OnMissing(fn func(name string) *Family) {
	db.mu.Lock()
	defer db.mu.Unlock()
	db.missing = append(db.missing, fn)
}

// Add enters a description from elsewhere. It takes the place of an embedded
// one, unless fill is set: then it only adds what is missing.
func (db *DB) Add(f *Family, fill bool) {
	if f.Genl != "" {
		if old := db.Genl(f.Genl); fill && old != nil {
			return
		}
		db.mu.Lock()
		defer db.mu.Unlock()
		db.families[f.Genl] = f
	} else {
		old := db.Protocol(f.Protocol)
		db.mu.Lock()
		defer db.mu.Unlock()
		t := old.clone() // others may be looking at it
		for _, m := range f.Messages {
			t.Add(m, !fill)
		}
		db.tables[f.Protocol] = t
	}
	defer db.additions.Add(1)
	db.added = append(db.added, f)
	if db.units[f.Name] == nil || !fill {
		db.units[f.Name] = &unit{name: f.Name, path: f.Origin, genl: f.Genl, protocol: f.Protocol, fam: f,
			library: f.Genl == "" && len(f.Messages) == 0}
	}
}

// Generic says whether a description can matter to a generic netlink message:
// it is a generic family's, or one uses it.
func (db *DB) Generic(name string) bool {
	db.mu.Lock()
	defer db.mu.Unlock()
	if u := db.units[name]; u == nil || u.genl != "" {
		return true
	}
	seen := map[string]bool{}
	var uses func(u *unit) bool
	uses = func(u *unit) bool {
		if u == nil || seen[u.name] {
			return false
		}
		seen[u.name] = true
		list := u.use
		if u.fam != nil {
			list = u.fam.Use
		}
		for _, n := range list {
			if n == name || uses(db.units[n]) {
				return true
			}
		}
		return false
	}
	for _, u := range db.units {
		if u.genl != "" && uses(u) {
			return true
		}
	}
	return false
}

// Info is what is known of a description before it is read.
type Info struct {
	Name     string
	Protocol uint8
	Genl     string
	Library  bool
	Origin   string
}

// List names every description, ordered by protocol and name.
func (db *DB) List() []Info {
	db.mu.Lock()
	defer db.mu.Unlock()
	var out []Info
	for _, u := range db.units {
		out = append(out, Info{u.name, u.protocol, u.genl, u.library, u.path})
	}
	sort.Slice(out, func(i, j int) bool {
		if out[i].Protocol != out[j].Protocol {
			return out[i].Protocol < out[j].Protocol
		}
		return out[i].Name < out[j].Name
	})
	return out
}
