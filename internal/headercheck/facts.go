package headercheck

import (
	"bufio"
	"compress/gzip"
	"fmt"
	"io"
	"io/fs"
	"regexp"
	"strconv"
	"strings"

	"github.com/nlsniff/nlsniff/families"
)

// Facts are tables that were taken from the headers and sources of one kernel:
// constants.tsv, macros.tsv, structs.tsv and policies.tsv.
type Facts struct {
	enums    []enum
	policies []Policy
	consts   map[string][]fact
	structs  map[string]map[string]*layout // by name, by header
}

// enum is one enum of a header.
type enum struct {
	header, name string
	names        []named
}

type named struct {
	name  string
	value int64
}

type fact struct {
	header string
	value  int64
}

type layout struct {
	size    int  // -1: not known
	flex    bool // ends in an array without a size
	members map[string]place
}

type place struct {
	off, size int
	ctype     string // as C spells it
}

// ReadFacts reads the tables in a folder, which may be compressed.
func ReadFacts(dir fs.FS) (*Facts, error) {
	f := &Facts{consts: map[string][]fact{}, structs: map[string]map[string]*layout{}}
	if err := table(dir, "constants.tsv", 4, func(w []string) error {
		return f.enumConstant(w[0], w[1], w[2], w[3])
	}); err != nil {
		return nil, err
	}
	if err := table(dir, "macros.tsv", 3, func(w []string) error {
		return f.constant(w[0], w[1], w[2])
	}); err != nil {
		return nil, err
	}
	var err error
	if f.policies, err = readPolicies(dir, "policies.tsv"); err != nil {
		return nil, err
	}
	return f, table(dir, "structs.tsv", 7, f.member)
}

// readPolicies reads a table of attributes and their types.
func readPolicies(dir fs.FS, name string) (out []Policy, err error) {
	err = table(dir, name, 4, func(w []string) error {
		p := Policy{Source: w[0], Table: w[1], Attr: w[2], Type: w[3]}
		if len(w) > 4 {
			p.Detail = w[4]
		}
		out = append(out, p)
		return nil
	})
	return out, err
}

// open opens a table, compressed or not.
func open(dir fs.FS, name string) (io.ReadCloser, error) {
	if file, err := dir.Open(name); err == nil {
		return file, nil
	}
	file, err := dir.Open(name + ".gz")
	if err != nil {
		return nil, err
	}
	zr, err := gzip.NewReader(file)
	if err != nil {
		file.Close()
		return nil, err
	}
	return struct {
		io.Reader
		io.Closer
	}{zr, file}, nil
}

// table calls row for each line behind the first.
func table(dir fs.FS, path string, columns int, row func(w []string) error) error {
	file, err := open(dir, path)
	if err != nil {
		return err
	}
	defer file.Close()
	sc := bufio.NewScanner(file)
	sc.Buffer(nil, 1<<20)
	for n := 1; sc.Scan(); n++ {
		w := strings.Split(sc.Text(), "\t")
		if n == 1 {
			continue
		}
		if len(w) < columns {
			return fmt.Errorf("%s:%d: want %d columns", path, n, columns)
		}
		if err := row(w); err != nil {
			return fmt.Errorf("%s:%d: %w", path, n, err)
		}
	}
	return sc.Err()
}

// enumConstant enters a constant of an enum; those of one enum stand together.
func (f *Facts) enumConstant(header, enumName, name, value string) error {
	if n := len(f.enums); n == 0 || f.enums[n-1].header != header || f.enums[n-1].name != enumName {
		f.enums = append(f.enums, enum{header: header, name: enumName})
	}
	if err := f.constant(header, name, value); err != nil {
		return err
	}
	all := f.consts[name]
	e := &f.enums[len(f.enums)-1]
	e.names = append(e.names, named{name, all[len(all)-1].value})
	return nil
}

func (f *Facts) constant(header, name, value string) error {
	v, err := strconv.ParseInt(value, 10, 64)
	if err != nil {
		u, err := strconv.ParseUint(value, 10, 64)
		if err != nil {
			return err
		}
		v = int64(u)
	}
	f.consts[name] = append(f.consts[name], fact{header, v})
	return nil
}

var attribute = regexp.MustCompile(`\s*__attribute__\s*\(\(.*\)\)`)

func (f *Facts) member(w []string) error {
	header, name := w[0], w[1]
	if f.structs[name] == nil {
		f.structs[name] = map[string]*layout{}
	}
	l := f.structs[name][header]
	if l == nil {
		size, err := strconv.Atoi(w[2])
		if err != nil {
			size = -1
		}
		l = &layout{size: size, members: map[string]place{}}
		f.structs[name][header] = l
	}
	if w[6] != "" { // a bit-field has no offset in C
		return nil
	}
	m := attribute.ReplaceAllString(w[3], "")
	m, _, _ = strings.Cut(m, "[")
	m = strings.TrimSpace(m)
	cut := strings.LastIndexAny(m, " *}") + 1
	ctype := strings.TrimSpace(m[:cut])
	m = m[cut:]
	off, err1 := strconv.Atoi(w[4])
	size, err2 := strconv.Atoi(w[5])
	if m != "" && err1 == nil && err2 == nil {
		if _, ok := l.members[m]; !ok {
			l.members[m] = place{off, size, ctype}
			l.flex = l.flex || size == 0
		}
	}
	return nil
}

// Check compares a family's claims with the facts. Of a name that several
// headers have, the family's own headers count; without it there, any.
func (f *Facts) Check(fam *families.Family) Result {
	own := map[string]bool{}
	for _, h := range fam.Headers {
		own[h] = true
	}
	var res Result
	size := map[*Claim]uint64{}
	for _, c := range Claims(fam) {
		var has string
		var found, ok bool
		if c.Kind == Const {
			has, found, ok = f.isConst(c, own)
		} else {
			has, found, ok = f.isLayout(c, own, size)
		}
		if !found {
			res.Absent = append(res.Absent, c)
			continue
		}
		res.Checked++
		if !ok {
			res.Wrong = append(res.Wrong, Wrong{c, has})
		}
	}
	return res
}

func (f *Facts) isConst(c *Claim, own map[string]bool) (has string, found, ok bool) {
	all := f.consts[c.Name]
	var mine []fact
	for _, x := range all {
		if own[x.header] {
			mine = append(mine, x)
		}
	}
	if mine != nil {
		all = mine
	}
	for _, x := range all {
		if same(c.Value, x.value) || same(c.swapped(), x.value) {
			return "", true, true
		}
		has = fmt.Sprintf("%d in %s", x.value, x.header)
	}
	return has, len(all) > 0, false
}

func (f *Facts) isLayout(c *Claim, own map[string]bool, size map[*Claim]uint64) (has string, found, ok bool) {
	for h, l := range headersOf(f.structs[c.Name], own) {
		if c.Kind == Size {
			if l.size < 0 {
				continue
			}
			found = true
			if uint64(l.size) == c.Value || l.flex && uint64(l.size) < c.Value {
				return "", true, true
			}
			has = fmt.Sprintf("%d in %s", l.size, h)
			continue
		}
		p, there := l.members[c.Member]
		if !there {
			continue
		}
		found = true
		if uint64(p.off) == c.Value && (p.size == c.Bytes || p.size == 0 || c.Bytes == 0) {
			return "", true, true
		}
		has = fmt.Sprintf("%d, %d bytes in %s", p.off, p.size, h)
	}
	return has, found, false
}
