package headercheck

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/nlsniff/nlsniff/families"
)

// Policy is what one of the kernel's policy tables says of an attribute.
type Policy struct {
	Source, Table, Attr string
	Type                string // without NLA_
	Detail              string // the nested table, a length, a range, a mask
}

// Dispute is an attribute that a description reads in another way than the
// kernel's policy.
type Dispute struct {
	Policy
	Family, Has string
}

func (d Dispute) String() string {
	return fmt.Sprintf("%s: %s is %s %s in %s, but %s in %s.spec", d.Attr, d.Table, d.Type, d.Detail, d.Source, d.Has, d.Family)
}

// Disputes compares every attribute that both a description and a policy
// table name. An attribute that several places describe has to fit in one.
func (f *Facts) Disputes(fams []*families.Family) (checked int, out []Dispute, absent []Policy) {
	return disputes(f.policies, fams)
}

// ReplyDisputes does the same for what the kernel's code sends.
func ReplyDisputes(fams []*families.Family) (checked int, out []Dispute, absent []Policy, err error) {
	sent, err := readPolicies(replies, "testdata/linux-6.12/replies.tsv")
	if err != nil {
		return 0, nil, nil, err
	}
	checked, out, absent = disputes(sent, fams)
	return checked, out, absent, nil
}

func disputes(policies []Policy, fams []*families.Family) (checked int, out []Dispute, absent []Policy) {
	type place struct {
		family string
		t      *families.Type
	}
	byName := map[string][]place{}
	for _, fam := range fams {
		for _, d := range fam.Fields() {
			if !d.Member {
				byName[d.Field.Name] = append(byName[d.Field.Name], place{fam.Name, &d.Field.Type})
			}
		}
	}
	for _, p := range policies {
		places := byName[p.Attr]
		if len(places) == 0 {
			absent = append(absent, p)
			continue
		}
		checked++
		if !slices.ContainsFunc(places, func(x place) bool { return fits(&p, x.t) }) {
			out = append(out, Dispute{p, places[0].family, places[0].t.String()})
		}
	}
	return checked, out, absent
}

// hostOrder is the detail of a number that is in the byte order of the host for
// sure.
const hostOrder = "host"

// opaque says whether a type leaves bytes unexplained: at most their number is
// known.
func opaque(t *families.Type) bool {
	switch t.Kind {
	case families.KindBinary:
		return t.Hint == families.HintNone || t.Hint == families.HintHex || t.Hint == families.HintKey
	case families.KindArray:
		return t.Elem.FixedSize() == 1 || opaque(t.Elem)
	}
	return false
}

// fits says whether what a policy lets through is what a type reads. A format
// that something else chooses fits if one of its forms does.
func fits(p *Policy, t *families.Type) bool {
	if t.Kind == families.KindSub {
		return slices.ContainsFunc(t.Sub.Formats(), func(x *families.Type) bool { return fits(p, x) })
	}
	size := t.FixedSize()
	number := t.Kind == families.KindUint || t.Kind == families.KindSint
	switch p.Type {
	case "U8", "U16", "U32", "U64", "S8", "S16", "S32", "S64", "BE16", "BE32", "BE64":
		bits, _ := strconv.Atoi(strings.TrimLeft(p.Type, "USBE"))
		signed := p.Type[0] == 'S'
		order := strings.HasPrefix(p.Type, "BE")
		sent := p.Detail == hostOrder
		switch {
		case sent && number && t.Size == 0 && bits >= 32:
			return true // of either size
		case sent && t.Kind == families.KindArray && t.Count == 0:
			return fits(p, t.Elem) // one is enough
		case bits == 32 && t.Hint == families.HintIP:
			return true // of either family, by its length
		case size != bits/8:
			return false
		case signed && t.Hint == families.HintIfIndex:
			return true
		case order && number:
			return t.Order == families.OrderBig
		case sent && number && t.Order != families.OrderHost:
			return false
		case signed && number:
			return t.Kind == families.KindSint
		}
		return number || !opaque(t) // four bytes of an address
	case "UINT", "SINT":
		return number && t.Size == 0
	case "MSECS":
		return number && t.Size == 8
	case "BITFIELD32":
		return t.Kind == families.KindBitfield32
	case "FLAG":
		return t.Kind == families.KindFlag
	case "STRING", "NUL_STRING":
		return t.Kind == families.KindString
	case "NESTED", "NESTED_ARRAY":
		switch t.Kind {
		case families.KindNest:
			return t.Set != nil
		case families.KindIndexed, families.KindTypeValue:
			return true
		}
		return false
	case "EXACT_LEN":
		if n, err := strconv.Atoi(strings.TrimPrefix(p.Detail, "len ")); err == nil && size > 0 {
			return n == size
		}
	}
	return true
}

// Exact compares attributes for which the kernel's policy sets an upper bound of
// the length only (NLA_BINARY) with the descriptions: those that a description
// wants to be no shorter.
func (f *Facts) Exact(fams []*families.Family) (checked int, out []Dispute) {
	bounded := map[string]Policy{}
	for _, p := range f.policies {
		if p.Type == "BINARY" && !strings.HasPrefix(p.Detail, "range") {
			bounded[p.Attr] = p
		}
	}
	for _, fam := range fams {
		for _, d := range fam.Fields() {
			p, ok := bounded[d.Field.Name]
			if !ok || d.Member {
				continue
			}
			checked++
			if t := &d.Field.Type; atLeast(t) > 0 {
				out = append(out, Dispute{p, fam.Name, t.String()})
			}
		}
	}
	return checked, out
}

// atLeast is the length in bytes below which a payload of a type is said to be
// short, 0 if there is none.
func atLeast(t *families.Type) int {
	switch {
	case t.Kind == families.KindSub:
		least := 0
		for _, x := range t.Sub.Formats() {
			least = max(least, atLeast(x))
		}
		return least
	case t.Kind == families.KindStruct && t.Struct.Min == t.Struct.Size:
		return t.Struct.Min
	case t.Kind == families.KindStruct, t.Kind == families.KindArray, t.Hint == families.HintIP, t.Hint == families.HintLLAddr:
		return 0
	}
	return t.FixedSize()
}
