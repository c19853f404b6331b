package dissect_test

import (
	"debug/elf"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/internal/need"
)

// TestLayoutsOf32Bits: what a compiler makes of the kernel's headers for 32-bit
// programs is read like what it makes for 64-bit ones, with nothing found.
func TestLayoutsOf32Bits(t *testing.T) {
	if runtime.GOARCH != "amd64" {
		t.Skip("the layouts are those of x86")
	}
	need.Tool(t, "cc")
	d := dissect.New(families.Embedded())
	for _, c := range []struct {
		header, init string // a struct and its value in C
		expr, name   string
		rev          uint32
		want         string // what its members are
	}{
		{"netfilter/xt_limit", "xt_rateinfo = {.avg=417, .burst=5, .prev=9, .credit=7, .credit_cap=8, .cost=6, .master=(void*)1}", "match", "limit", 0,
			"avg=417 burst=5 credit=7 credit_cap=8 cost=6"},
		{"netfilter_bridge/ebt_limit", "ebt_limit_info = {.avg=417, .burst=5, .prev=9, .credit=7, .credit_cap=8, .cost=6}", "match", "limit", 0,
			"avg=417 burst=5 credit=7 credit_cap=8 cost=6"},
		{"netfilter_bridge/ebt_mark_m", "ebt_mark_m_info = {.mark=0x11, .mask=0xff, .invert=1, .bitmask=2}", "match", "mark_m", 0,
			"mark=17 mask=255 invert=1 bitmask=2"},
		{"netfilter_bridge/ebt_mark_t", "ebt_mark_t_info = {.mark=0x11, .target=-2}", "target", "mark", 0, "mark=17 target=4294967294"},
		{"netfilter/xt_nfacct", `xt_nfacct_match_info = {.name="web", .nfacct=(void*)1}`, "match", "nfacct", 0, "name=web"},
		{"netfilter/xt_nfacct", `xt_nfacct_match_info_v1 = {.name="web", .nfacct=(void*)1}`, "match", "nfacct", 1, "name=web"},
		{"netfilter/xt_set", "xt_set_info_match_v3 = {.match_set={3, 1, 1}, .packets={1, 100}, .bytes={2, 200}, .flags=0x40}", "match", "set", 3,
			"index=3 dim=1 flags=1 op=1 value=100 op=2 value=200 flags=64"},
		{"netfilter/xt_set", "xt_set_info_match_v4 = {.match_set={3, 1, 1}, .packets={100, 1}, .bytes={200, 2}, .flags=0x40}", "match", "set", 4,
			"index=3 dim=1 flags=1 value=100 op=1 value=200 op=2 flags=64"},
		{"netfilter_ipv4/ipt_CLUSTERIP", "ipt_clusterip_tgt_info = {.flags=1, .clustermac={1,0,94,0,0,32}, .num_total_nodes=2, .num_local_nodes=1, .local_nodes={2}, .hash_mode=1, .hash_initval=9, .config=(void*)1}",
			"target", "CLUSTERIP", 0, "flags=1 num_total_nodes=2 num_local_nodes=1 hash_mode=1 hash_initval=9"},
		{"netfilter/xt_hashlimit", `xt_hashlimit_mtinfo3 = {.name="h", .cfg={.avg=3, .burst=4, .mode=1, .size=5, .max=6, .gc_interval=7, .expire=8, .interval=9, .srcmask=32, .dstmask=24}, .hinfo=(void*)1}`,
			"match", "hashlimit", 3, "name=h avg=3 burst=4 mode=1 size=5 max=6 gc_interval=7 expire=8 interval=9 srcmask=32 dstmask=24"},
		{"netfilter/xt_connlimit", "xt_connlimit_info = {.limit=10, .flags=1, .data=(void*)1}", "match", "connlimit", 1, "limit=10 flags=1"},
		{"netfilter/xt_quota", "xt_quota_info = {.flags=1, .quota=77, .master=(void*)1}", "match", "quota", 0, "flags=1 quota=77"},
		{"netfilter/xt_owner", "xt_owner_match_info = {.uid_min=1, .uid_max=2, .gid_min=3, .gid_max=4, .match=1, .invert=2}", "match", "owner", 1,
			"uid_min=1 uid_max=2 gid_min=3 gid_max=4 match=1 invert=2"},
	} {
		lengths := map[int]bool{}
		for _, bits := range []string{"32", "64"} {
			info := compiled(t, bits, c.header, c.init)
			lengths[len(info)] = true
			inner := cat(le.attr(1, str(c.name)), le.attr(2, be.u32(c.rev)), le.attr(3, info))
			expr := le.attr(1|0x8000, le.attr(1, str(c.expr)), le.attr(2|0x8000, inner))
			tree := d.Frame(frame(families.ProtoNetfilter, le.msg(hdr{typ: 10<<8 | 6, flags: 1}, []byte{2, 0, 0, 0}, le.attr(4|0x8000, expr))))
			if got := membersOf(tree, strings.ToUpper("nfta_"+c.expr+"_info")); got != c.want {
				t.Errorf("%s of %s bits, %d bytes: %s\nwant %s", c.name, bits, len(info), got, c.want)
			}
			for i := range tree.Findings {
				t.Errorf("%s of %s bits: %s", c.name, bits, tree.Findings[i].AppendText(nil))
			}
		}
		t.Log(c.name, c.rev, lengths)
	}
}

// compiled returns the bytes of a struct as a compiler lays it out, rounded up
// as programs do it (XT_ALIGN).
func compiled(t *testing.T, bits, header, init string) []byte {
	t.Helper()
	dir := t.TempDir()
	name, _, _ := strings.Cut(init, " ")
	source := fmt.Sprintf("#include <linux/types.h>\n#include <linux/netfilter_bridge.h>\n#include <linux/%s.h>\n"+
		"union { struct %s v; char all[(sizeof(struct %s) + %s/8 - 1) / (%s/8) * (%s/8)]; } info __attribute__((section(\".info\"))) = {.v %s};\n",
		header, name, name, bits, bits, bits, strings.TrimPrefix(init, name))
	// Of the C library nothing is needed, so a machine without that of 32 bits
	// will do: an empty list stands for what it lacks.
	if err := os.Mkdir(filepath.Join(dir, "gnu"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "gnu", "stubs-32.h"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("cc", "-m"+bits, "-ffreestanding", "-isystem", "/usr/include/x86_64-linux-gnu", "-idirafter", dir, "-w", "-c", "-x", "c", "-", "-o", filepath.Join(dir, "o"))
	cmd.Stdin = strings.NewReader(source)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s\n%s", err, out, source)
	}
	f, err := elf.Open(filepath.Join(dir, "o"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	b, err := f.Section(".info").Data()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// membersOf lists the numbers and texts below an attribute.
func membersOf(tree *dissect.Tree, attr string) string {
	var out []string
	for i := range tree.Nodes {
		n := &tree.Nodes[i]
		if n.Kind != dissect.KindAttr || n.Field == nil || n.Field.Name != attr {
			continue
		}
		for j := int32(i) + 1; j < n.End; j++ {
			m := &tree.Nodes[j]
			switch {
			case m.Kind == dissect.KindUnknown || m.Kind == dissect.KindTrailing:
				out = append(out, "unknown")
			case m.Kind != dissect.KindMember || m.Type == nil:
			case m.Type.Kind == families.KindUint || m.Type.Kind == families.KindSint:
				out = append(out, fmt.Sprintf("%s=%d", m.Field.Name, tree.Uint(m)))
			case m.Type.Kind == families.KindString:
				s, _, _ := strings.Cut(string(tree.Bytes(m)), "\x00")
				out = append(out, m.Field.Name+"="+s)
			}
		}
	}
	return strings.Join(out, " ")
}
