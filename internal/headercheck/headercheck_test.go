package headercheck

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/internal/need"
)

// mistaken has one mistake of each sort; the names tell which.
const mistaken = `family mistaken
headers linux/rtnetlink.h linux/no-such-header.h
enum right RTM_
  16 RTM_NEWLINK
  17 RTM_DELLINK
  19 RTM_NOT_THERE
enum negative
  0xffffffff RT_NEGATIVE
flags wrong RTM_F_
  0x101 RTM_F_NOTIFY
struct rtgenmsg
  rtgen_family u8
struct rta_cacheinfo
  rta_clntref u32
  rta_lastuse u32
  rta_expires u32
  rta_error u32
  rta_used u32
  rta_id u32
  rta_ts u32
  rta_tsage u32
  rta_new_in_some_later_kernel u32
struct ifaddrmsg
  ifa_family u8
  ifa_prefixlen u16
  ifa_flags u8
  ifa_scope u8
  ifa_index u32
struct of-our-own
  a u32
`

func parse(t *testing.T) *families.Family {
	t.Helper()
	f, err := families.ParseSpec("mistaken.spec", mistaken, nil)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// check wants the mistakes found and everything else left alone.
func check(t *testing.T, res Result, wrong, absent map[string]string) {
	t.Helper()
	got := map[string]string{}
	for _, w := range res.Wrong {
		got[w.Name+"."+w.Member] = w.Has
	}
	compare(t, "wrong", got, wrong)
	got = map[string]string{}
	for _, c := range res.Absent {
		got[c.Name+"."+c.Member] = ""
	}
	compare(t, "absent", got, absent)
	if len(res.Grown) != 1 || res.Grown[0].Name != "rta_cacheinfo" {
		t.Errorf("grown: %v, want rta_cacheinfo", res.Grown)
	}
}

func compare(t *testing.T, what string, got, want map[string]string) {
	t.Helper()
	for k, v := range want {
		if has, ok := got[k]; !ok || has != v {
			t.Errorf("%s %s: got %q, want %q", what, k, has, v)
		}
	}
	for k, v := range got {
		if _, ok := want[k]; !ok {
			t.Errorf("%s: unexpected %s (%s)", what, k, v)
		}
	}
}

func TestCompiler(t *testing.T) {
	cc := NewCompiler(need.Tool(t, "cc"), t.TempDir())
	need.Need(t, cc.Has("linux/rtnetlink.h"), "the kernel's headers are not installed")
	res, err := cc.Check(parse(t))
	if err != nil {
		t.Fatal(err)
	}
	check(t, res, map[string]string{
		"RTM_F_NOTIFY.":           "256",
		"ifaddrmsg.":              "8",
		"ifaddrmsg.ifa_prefixlen": "1, 1 bytes",
		"ifaddrmsg.ifa_flags":     "2, 1 bytes",
		"ifaddrmsg.ifa_scope":     "3, 1 bytes",
		"ifaddrmsg.ifa_index":     "4, 4 bytes",
	}, map[string]string{
		"RTM_NOT_THERE.": "", "RT_NEGATIVE.": "",
		"rta_cacheinfo.rta_new_in_some_later_kernel": "",
	})
}

// TestBrokenHeader wants a header that does not compile left out, and noted.
func TestBrokenHeader(t *testing.T) {
	dir := t.TempDir()
	cc := NewCompiler(need.Tool(t, "cc"), dir)
	need.Need(t, cc.Has("linux/rtnetlink.h"), "the kernel's headers are not installed")
	if err := os.WriteFile(filepath.Join(dir, "broken.h"), []byte("struct x { nonsense y; };\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	cc.args = append(cc.args, "-I", dir)
	f, err := families.ParseSpec("broken.spec", "family broken\nheaders broken.h linux/rtnetlink.h\nenum x\n  16 RTM_NEWLINK\n", nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := cc.Check(f)
	if err != nil || res.Checked != 1 || len(res.LeftOut) != 1 {
		t.Errorf("got %+v, %v", res, err)
	}
}

func TestFacts(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"constants.tsv": "header\tenum\tname\tvalue\n" +
			"linux/rtnetlink.h\tanon0\tRTM_NEWLINK\t16\nlinux/rtnetlink.h\tanon0\tRTM_DELLINK\t17\n" +
			"linux/other.h\tanon0\tRTM_DELLINK\t99\n",
		"macros.tsv": "header\tname\tvalue\nlinux/rtnetlink.h\tRTM_F_NOTIFY\t256\nlinux/other.h\tRT_NEGATIVE\t-1\n",
		"structs.tsv": "header\tstruct\tsize\tmember\toffset\tmember_size\tbit\n" +
			"linux/rtnetlink.h\trtgenmsg\t1\tunsigned char rtgen_family\t0\t1\t\n" +
			"linux/if_addr.h\tifaddrmsg\t8\t__u8 ifa_family\t0\t1\t\n" +
			"linux/if_addr.h\tifaddrmsg\t8\t__u8 ifa_prefixlen __attribute__((__aligned__(8)))\t1\t1\t\n",
		"policies.tsv": "source\ttable\tattribute\ttype\tdetail\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	facts, err := ReadFacts(os.DirFS(dir))
	if err != nil {
		t.Fatal(err)
	}
	res := facts.Check(parse(t))
	want := map[string]string{
		"RTM_F_NOTIFY.":           "256 in linux/rtnetlink.h",
		"ifaddrmsg.":              "8 in linux/if_addr.h",
		"ifaddrmsg.ifa_prefixlen": "1, 1 bytes in linux/if_addr.h",
	}
	got := map[string]string{}
	for _, w := range res.Wrong {
		got[w.Name+"."+w.Member] = w.Has
	}
	compare(t, "wrong", got, want)
}

// tables are the facts of a kernel with two enums.
var tables = fstest.MapFS{
	"constants.tsv": {Data: []byte("header\tenum\tname\tvalue\n" +
		"linux/a.h\tanon0\tA_UNSPEC\t0\nlinux/a.h\tanon0\tA_ONE\t1\nlinux/a.h\tanon0\tA_OLD_ONE\t1\n" +
		"linux/a.h\tanon0\tA_TWO\t2\nlinux/a.h\tanon0\t__A_MAX\t3\n" +
		"linux/a.h\tanon1\tCOLOR_RED\t1\nlinux/b.h\tanon0\tB_ONE\t1\n")},
	"macros.tsv":  {Data: []byte("header\tname\tvalue\n")},
	"structs.tsv": {Data: []byte("header\tstruct\tsize\tmember\toffset\tmember_size\tbit\n")},
	"policies.tsv": {Data: []byte("source\ttable\tattribute\ttype\tdetail\n" +
		"net/a.c\tpolicy\tA_ONE\tU32\t\nnet/a.c\tother\tA_ONE\tNESTED\ttable\nnet/b.c\tpolicy\tB_ONE\tU8\n" +
		"net/c.c\tpolicy\tC_UNSPEC\tREJECT\nnet/c.c\tpolicy\tC_ONE\tU8\nnet/c.c\tother\tC_ONE\tU8\nnet/c.c\tother\tC_TWO\tU8\n")},
}

func TestUndescribed(t *testing.T) {
	facts, err := ReadFacts(tables)
	if err != nil {
		t.Fatal(err)
	}
	f, err := families.ParseSpec("a.spec", "family a\nattrs a A_\n  1 A_ONE u32\nattrs c C_\n  2 C_TWO u8\n", nil)
	if err != nil {
		t.Fatal(err)
	}
	total, missing := facts.Undescribed([]*families.Family{f})
	if got := fmt.Sprint(total, missing); got != "6 [{linux/a.h A_TWO} {linux/b.h B_ONE} {net/c.c C_ONE}]" {
		t.Error(got)
	}
	m, err := families.ParseSpec("b.spec", "family b\nprotocol NETLINK_ROUTE\nmessages A_\n  2 A_TWO -\n", nil)
	if err != nil {
		t.Fatal(err)
	}
	total, missing = facts.UndescribedMessages([]*families.Family{f, m})
	if got := fmt.Sprint(total, missing); got != "3 [{linux/a.h A_ONE} {linux/a.h A_OLD_ONE}]" {
		t.Error(got)
	}
	checked, disputes, absent := facts.Disputes([]*families.Family{f})
	if checked != 3 || len(disputes) != 1 || disputes[0].Table != "other" || len(absent) != 4 || absent[0].Attr != "B_ONE" {
		t.Errorf("%d checked, %v, %v", checked, disputes, absent)
	}
}

// TestFits compares types with policies, each written as in the two places.
func TestFits(t *testing.T) {
	for _, c := range []struct {
		typ, policy string
		want        bool
	}{
		{"u32", "U32", true}, {"u16", "U32", false}, {"be32", "U32", true}, {"ipv4", "U32", true}, {"ip", "U32", true},
		{"be16", "BE16", true}, {"u16", "BE16", false}, {"ipv4", "BE32", true},
		{"s32", "S32", true}, {"u32", "S32", false}, {"ifindex", "S32", true},
		{"uint", "UINT", true}, {"u32", "UINT", false}, {"u64 ms", "MSECS", true},
		{"flag", "FLAG", true}, {"u8", "FLAG", false}, {"bitfield32", "BITFIELD32", true},
		{"string", "NUL_STRING", true}, {"binary", "STRING", false}, {"binary", "FLAG", false},
		{"binary[4]", "U32", false}, {"binary[4] hex", "U32", false}, {"binary[8] key", "U64", false}, {"u8[2]", "U16", false},
		{"binary[4] ipv4", "U32", true}, {"nest -", "NESTED", false},
		{"nest a", "NESTED", true}, {"indexed u32", "NESTED", true}, {"binary", "NESTED", false},
		{"mac", "EXACT_LEN len 6", true}, {"ipv4", "EXACT_LEN len 6", false}, {"ip", "EXACT_LEN len sizeof(x)", true},
		{"be32", "U32 host", false}, {"u32", "U32 host", true}, {"uint", "U64 host", true}, {"u32[]", "U32 host", true},
		{"be64", "BE64", true}, {"u64", "BE64", false},
		{"sub s by A_K", "U8", true}, {"sub s by A_K", "FLAG", false}, {"u8", "REJECT", true},
	} {
		f, err := families.ParseSpec("a.spec", "family a\nattrs a A_\n  1 A_K u8\n  2 A_X "+c.typ+"\nsub s\n  1 u8\n  * string\n", nil)
		if err != nil {
			t.Fatal(err)
		}
		p := &Policy{}
		p.Type, p.Detail, _ = strings.Cut(c.policy, " ")
		if got := fits(p, &f.Sets["a"].Field(2).Type); got != c.want {
			t.Errorf("%s for %s: %v", c.typ, c.policy, got)
		}
	}
}
