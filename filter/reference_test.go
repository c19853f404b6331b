package filter

import (
	"bytes"
	"fmt"
	"math/big"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/internal/pcaptest"
	"github.com/nlsniff/nlsniff/render"
)

// refValue is a value as the reference sees it: a number, a text, or bytes.
type refValue struct {
	num   *big.Int
	text  *string
	bytes []byte
}

// refField is a field that the reference can read by itself.
type refField struct {
	name string
	kind byte // n, t, b
	// get reads what stands in a header; nil: it is an attribute or member.
	get func(t *dissect.Tree, m *dissect.Msg) []uint64
}

var refFields = []refField{
	{"len", 'n', func(_ *dissect.Tree, m *dissect.Msg) []uint64 { return []uint64{uint64(m.Len)} }},
	{"type", 'n', func(_ *dissect.Tree, m *dissect.Msg) []uint64 { return []uint64{uint64(m.Type)} }},
	{"flags", 'n', func(_ *dissect.Tree, m *dissect.Msg) []uint64 { return []uint64{uint64(m.Flags)} }},
	{"seq", 'n', func(_ *dissect.Tree, m *dissect.Msg) []uint64 { return []uint64{uint64(m.Seq)} }},
	{"portid", 'n', func(_ *dissect.Tree, m *dissect.Msg) []uint64 { return []uint64{uint64(m.PortID)} }},
	{"netlink.hdr_seq", 'n', func(t *dissect.Tree, m *dissect.Msg) []uint64 {
		out := []uint64{uint64(m.Seq)}
		if m.Type == 2 && m.Proto != families.ProtoConnector && m.Echo >= 0 {
			out = append(out, uint64(t.Msgs[m.Echo].Seq))
		}
		return out
	}},
	{name: "ifi_index", kind: 'n'}, {name: "rtm_dst_len", kind: 'n'}, {name: "rx_packets", kind: 'n'},
	{name: "IFLA_MTU", kind: 'n'}, {name: "IFLA_TXQLEN", kind: 'n'}, {name: "IFLA_VXLAN_ID", kind: 'n'}, {name: "RTA_OIF", kind: 'n'},
	{name: "CTRL_ATTR_OP_ID", kind: 'n'}, {name: "NL80211_ATTR_WIPHY", kind: 'n'}, {name: "DEVCONF_RTR_SOLICITS", kind: 'n'},
	{name: "IFLA_IFNAME", kind: 't'}, {name: "IFLA_INFO_KIND", kind: 't'}, {name: "CTRL_ATTR_FAMILY_NAME", kind: 't'}, {name: "TCA_KIND", kind: 't'},
	{name: "IFLA_BROADCAST", kind: 'b'}, {name: "NL80211_ATTR_MAC", kind: 'b'},
}

// values reads a field of a message, by walking over all rows.
func (f *refField) values(t *dissect.Tree, m *dissect.Msg) (out []refValue) {
	if f.get != nil {
		if m.Datagram && f.name != "len" {
			return nil
		}
		for _, u := range f.get(t, m) {
			out = append(out, refValue{num: new(big.Int).SetUint64(u)})
		}
		return out
	}
	for i := m.Node; i < t.Nodes[m.Node].End; i++ {
		n := &t.Nodes[i]
		if n.Field == nil || n.Field.Name != f.name || n.Kind != dissect.KindAttr && n.Kind != dissect.KindMember {
			continue
		}
		leaf := n
		if n.Kind == dissect.KindAttr {
			leaf = nil
			for j := i + 1; j < n.End; j++ {
				if t.Nodes[j].Kind == dissect.KindValue {
					leaf = &t.Nodes[j]
					break
				}
			}
		}
		v := refValue{}
		if leaf != nil {
			b := t.Bytes(leaf)
			switch f.kind {
			case 'n':
				b = bytes.Clone(b)
				if !leaf.Big {
					for x, y := 0, len(b)-1; x < y; x, y = x+1, y-1 {
						b[x], b[y] = b[y], b[x]
					}
				}
				v.num = new(big.Int).SetBytes(b)
				if leaf.Type.Kind == families.KindSint && b[0] >= 0x80 {
					v.num.Sub(v.num, new(big.Int).Lsh(big.NewInt(1), uint(8*len(b))))
				}
			case 't':
				s, _, _ := strings.Cut(string(b), "\x00")
				v.text = &s
			case 'b':
				v.bytes = b
			}
		} else if f.kind == 't' && t.Nodes[n.End-1].Kind != dissect.KindUnknown {
			v.text = new(string)
		}
		out = append(out, v)
	}
	return out
}

// refTest is a random filter: its text, and what it means.
type refTest struct {
	text string
	eval func(t *dissect.Tree, m *dissect.Msg) bool
}

// generator makes filters whose values are near to what a tree holds.
type generator struct {
	r *rand.Rand
	t *dissect.Tree
}

func (g *generator) filter(depth int) refTest {
	if depth <= 0 || g.r.IntN(3) == 0 {
		return g.test()
	}
	a := g.filter(depth - 1)
	if g.r.IntN(4) == 0 {
		return refTest{"not (" + a.text + ")", func(t *dissect.Tree, m *dissect.Msg) bool { return !a.eval(t, m) }}
	}
	b := g.filter(depth - 1)
	switch g.r.IntN(3) {
	case 0:
		return refTest{"(" + a.text + ") and (" + b.text + ")", func(t *dissect.Tree, m *dissect.Msg) bool { return a.eval(t, m) && b.eval(t, m) }}
	case 1:
		return refTest{"(" + a.text + ") || (" + b.text + ")", func(t *dissect.Tree, m *dissect.Msg) bool { return a.eval(t, m) || b.eval(t, m) }}
	}
	return refTest{"(" + a.text + ") xor (" + b.text + ")", func(t *dissect.Tree, m *dissect.Msg) bool { return a.eval(t, m) != b.eval(t, m) }}
}

func (g *generator) test() refTest {
	f := &refFields[g.r.IntN(len(refFields))]
	switch g.r.IntN(8) {
	case 0:
		return refTest{f.name, func(t *dissect.Tree, m *dissect.Msg) bool { return len(f.values(t, m)) > 0 }}
	case 1:
		n := g.r.IntN(4)
		return refTest{fmt.Sprintf("count(%s) >= %d", f.name, n), func(t *dissect.Tree, m *dissect.Msg) bool { return len(f.values(t, m)) >= n }}
	}
	switch f.kind {
	case 'n':
		return g.number(f)
	case 't':
		return g.textual(f)
	}
	return g.binary(f)
}

// some picks a value that a field has in the frame, if it has any.
func (g *generator) some(f *refField) *refValue {
	var all []refValue
	for m := range g.t.Own() {
		all = append(all, f.values(g.t, m)...)
	}
	if len(all) == 0 {
		return nil
	}
	return &all[g.r.IntN(len(all))]
}

// over says whether a question is answered yes by any or by all of a field's
// values that are of its kind.
func over(f *refField, all bool, t *dissect.Tree, m *dissect.Msg, ask func(v refValue) bool) bool {
	n := 0
	for _, v := range f.values(t, m) {
		if v.num == nil && v.text == nil && v.bytes == nil {
			continue
		}
		n++
		if ask(v) != all {
			return !all
		}
	}
	return all && n > 0
}

var refOps = []struct {
	text string
	all  bool
	ok   func(c int) bool
}{
	{"==", false, func(c int) bool { return c == 0 }}, {"!=", true, func(c int) bool { return c != 0 }},
	{"===", true, func(c int) bool { return c == 0 }}, {"!==", false, func(c int) bool { return c != 0 }},
	{">", false, func(c int) bool { return c > 0 }}, {"<", false, func(c int) bool { return c < 0 }},
	{"ge", false, func(c int) bool { return c >= 0 }}, {"<=", false, func(c int) bool { return c <= 0 }},
}

func (g *generator) quant(all bool) (string, bool) {
	switch g.r.IntN(5) {
	case 0:
		return "any ", false
	case 1:
		return "all ", true
	}
	return "", all
}

func (g *generator) number(f *refField) refTest {
	lit := big.NewInt(int64(g.r.IntN(2000)) - 100)
	if v := g.some(f); v != nil && v.num != nil && g.r.IntN(4) > 0 {
		lit = new(big.Int).Add(v.num, big.NewInt(int64(g.r.IntN(3)-1)))
	}
	if !lit.IsInt64() && !lit.IsUint64() {
		lit = big.NewInt(0)
	}
	switch g.r.IntN(4) {
	case 0:
		if mask := big.NewInt(int64(g.r.IntN(1 << 10))); f.get != nil {
			return refTest{fmt.Sprintf("%s & %#x", f.name, mask), func(t *dissect.Tree, m *dissect.Msg) bool {
				return over(f, false, t, m, func(v refValue) bool { return new(big.Int).And(v.num, mask).Sign() != 0 })
			}}
		}
	case 1:
		hi := new(big.Int).Add(lit, big.NewInt(int64(g.r.IntN(100))))
		if !hi.IsInt64() && !hi.IsUint64() {
			hi = lit
		}
		q, all := g.quant(false)
		return refTest{fmt.Sprintf("%s%s in {%s..%s, 7}", q, f.name, lit, hi), func(t *dissect.Tree, m *dissect.Msg) bool {
			return over(f, all, t, m, func(v refValue) bool {
				return v.num.Cmp(lit) >= 0 && v.num.Cmp(hi) <= 0 || v.num.Cmp(big.NewInt(7)) == 0
			})
		}}
	}
	op := refOps[g.r.IntN(len(refOps))]
	q, all := g.quant(op.all)
	written := lit.String()
	if g.r.IntN(2) == 0 && lit.Sign() >= 0 {
		written = fmt.Sprintf("%#x", lit)
	}
	return refTest{q + f.name + " " + op.text + " " + written, func(t *dissect.Tree, m *dissect.Msg) bool {
		return over(f, all, t, m, func(v refValue) bool { return op.ok(v.num.Cmp(lit)) })
	}}
}

func (g *generator) textual(f *refField) refTest {
	lit := []string{"", "lo", "v", "vxlan", "nlctrl", "x\"y"}[g.r.IntN(6)]
	if v := g.some(f); v != nil && v.text != nil && g.r.IntN(4) > 0 {
		lit = *v.text
		if n := len(lit); n > 0 && g.r.IntN(2) == 0 {
			lit = lit[:g.r.IntN(n)]
		}
	}
	q, all := g.quant(false)
	switch g.r.IntN(4) {
	case 0:
		return refTest{q + f.name + " contains " + quote(lit), func(t *dissect.Tree, m *dissect.Msg) bool {
			return over(f, all, t, m, func(v refValue) bool { return strings.Contains(*v.text, lit) })
		}}
	case 1:
		re := regexp.MustCompile("(?i)^" + regexp.QuoteMeta(strings.ToValidUTF8(lit, "")))
		return refTest{q + f.name + " matches " + quote(strings.TrimPrefix(re.String(), "(?i)")), func(t *dissect.Tree, m *dissect.Msg) bool {
			return over(f, all, t, m, func(v refValue) bool { return re.MatchString(*v.text) })
		}}
	case 2:
		n := g.r.IntN(20)
		return refTest{fmt.Sprintf("%slen(%s) > %d", q, f.name, n), func(t *dissect.Tree, m *dissect.Msg) bool {
			return over(f, all, t, m, func(v refValue) bool { return len(*v.text) > n })
		}}
	}
	op := refOps[g.r.IntN(len(refOps))]
	q, all = g.quant(op.all)
	return refTest{q + f.name + " " + op.text + " " + quote(lit), func(t *dissect.Tree, m *dissect.Msg) bool {
		return over(f, all, t, m, func(v refValue) bool { return op.ok(strings.Compare(*v.text, lit)) })
	}}
}

func (g *generator) binary(f *refField) refTest {
	lit := []byte{0xff, 0xff, 0xff, 0xff, 0xff, byte(g.r.IntN(256))}
	if v := g.some(f); v != nil && len(v.bytes) > 1 && len(v.bytes) < 33 && g.r.IntN(4) > 0 {
		lit = bytes.Clone(v.bytes)
	}
	if f.name == "IFLA_BROADCAST" && (len(lit) == 4 || len(lit) == 16) {
		lit = []byte{1, 2, 3} // an address there is written as one
	}
	written := strings.TrimSuffix(fmt.Sprintf("% x", lit), " ")
	written = strings.ReplaceAll(written, " ", ":")
	if g.r.IntN(3) == 0 {
		return refTest{f.name + "[0:2] == " + written[:5], func(t *dissect.Tree, m *dissect.Msg) bool {
			return over(f, false, t, m, func(v refValue) bool { return len(v.bytes) >= 2 && bytes.Equal(v.bytes[:2], lit[:2]) })
		}}
	}
	op := refOps[g.r.IntN(len(refOps))]
	q, all := g.quant(op.all)
	return refTest{q + f.name + " " + op.text + " " + written, func(t *dissect.Tree, m *dissect.Msg) bool {
		return over(f, all, t, m, func(v refValue) bool { return op.ok(bytes.Compare(v.bytes, lit)) })
	}}
}

// FuzzEval compares random filters, over frames that are real or damaged, with
// a reference that is slow and obvious; and what is read from the bytes with
// what the tree says.
func FuzzEval(f *testing.F) {
	env := NewEnv(families.Embedded(), time.UTC)
	env.everything() // so that compiling is fast
	var inputs []dissect.Input
	for _, name := range []string{"route_links", "route_addrs", "genl_misc", "wifi", "tc_more", "ethtool_all", "audit", "uevent", "connector"} {
		list := pcaptest.Inputs(f, name, dissect.NewSession(dissect.OrderAuto))
		inputs = append(inputs, list[:min(len(list), 120)]...)
	}
	for i := range uint64(60) {
		f.Add(i, uint16(i*37), uint16(0), byte(0))
		f.Add(i, uint16(i*41), uint16(16+i*3), byte(i))
	}
	d := dissect.New(env.db)
	f.Fuzz(func(t *testing.T, seed uint64, frame, at uint16, change byte) {
		in := inputs[int(frame)%len(inputs)]
		if change != 0 {
			in.Data = bytes.Clone(in.Data)
			in.Data[int(at)%len(in.Data)] ^= change
		}
		ev := &render.Event{Number: in.Number, OrigLen: in.OrigLen, Links: in.Links, Tree: d.Frame(&in)}
		g := &generator{rand.New(rand.NewPCG(seed, 1)), ev.Tree}
		want := g.filter(3)
		fl, err := Compile(want.text, env)
		if err != nil {
			t.Fatalf("%s: %v", want.text, err)
		}
		m := fl.Matcher()
		matches, shown := m.Frame(ev)
		total := 0
		for i := range ev.Tree.Msgs {
			x := &ev.Tree.Msgs[i]
			if x.EchoOf >= 0 {
				continue
			}
			ok := want.eval(ev.Tree, x)
			if ok {
				total++
			}
			if shown[i] != ok {
				t.Fatalf("%s\nof message %d of frame %d: %v, the reference says %v", want.text, i, frame, shown[i], ok)
			}
		}
		if len(ev.Tree.Msgs) > 0 && matches != total {
			t.Fatalf("%s: %d messages match, not %d", want.text, matches, total)
		}
		quick, known := m.Quick(&in, ev)
		if known && quick != matches {
			t.Fatalf("%s\nof frame %d: %d matches in the bytes, %d in the tree", want.text, frame, quick, matches)
		}
		if m.Rejects(&in, ev) && matches > 0 {
			t.Fatalf("%s: rejected, but %d messages match", want.text, matches)
		}
		again, err := Compile(fl.String(), env)
		if err != nil {
			t.Fatalf("%s is printed as %s: %v", want.text, fl.String(), err)
		}
		if n, _ := again.Matcher().Frame(ev); n != matches {
			t.Fatalf("%s is printed as %s, which matches %d messages, not %d", want.text, fl.String(), n, matches)
		}
	})
}
