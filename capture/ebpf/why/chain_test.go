package why

import (
	"encoding/binary"
	"os"
	"slices"
	"strings"
	"testing"
)

func TestChain(t *testing.T) {
	const inval, noent = -22, -2
	tests := []struct {
		name  string
		list  []returned // in the order of their returns
		limit int
		want  []uint64 // the innermost first
		from  int
	}{
		{"nothing failed", nil, 0, nil, 0},
		{"nested", []returned{{3, inval, 3, 4}, {2, inval, 2, 5}, {1, inval, 1, 6}}, 3, []uint64{3, 2, 1}, 0},
		{"a failure that the outer one put up with", []returned{{9, noent, 2, 3}, {2, inval, 4, 5}, {1, inval, 1, 6}}, 3, []uint64{2, 1}, 0},
		{"the same errno of an earlier sibling's callee", []returned{{9, inval, 3, 4}, {3, inval, 7, 8}, {2, inval, 6, 9}, {1, inval, 1, 10}}, 4, []uint64{3, 2, 1}, 0},
		{"one before the outermost", []returned{{9, inval, 1, 2}, {1, inval, 3, 4}}, 2, []uint64{1}, 1},
		{"only what came before the answer", []returned{{1, inval, 1, 2}, {2, inval, 3, 4}}, 1, []uint64{1}, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			chain, from := chainOf(tt.list, tt.limit, func(r returned) bool { return int32(r.value) == inval })
			var got []uint64
			for _, r := range chain {
				got = append(got, r.ip)
			}
			if !slices.Equal(got, tt.want) || from != tt.from {
				t.Errorf("got %v from %d, want %v from %d", got, from, tt.want, tt.from)
			}
		})
	}
}

func TestReasonText(t *testing.T) {
	r := Reason{Chain: []Step{{Function: "fib_check_nh"}, {Function: "inet_rtm_newroute"}}, Sure: SureOne}
	want := "refused in fib_check_nh (net/ipv4/fib_semantics.c) ← inet_rtm_newroute; the only place there that makes this errno"
	if got := r.String(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	r.Sure, r.Lost = SurePassed, true
	if got := r.String(); strings.Count(got, "not sure") != 2 || !strings.Contains(got, "in or below") {
		t.Errorf("not flagged: %s", got)
	}
}

func TestSymbols(t *testing.T) {
	const text = "ffffffff81000000 T first\nffffffff81000010 t second.isra.0\nffffffff81000010 t alias\nffffffff81000040 D data\nffffffffa0000000 t inner\t[dummy]\nffffffffa0000010 t bpf_prog_1\t[bpf]\n"
	s, err := readSymbols(strings.NewReader(text))
	if err != nil || len(s) != 4 {
		t.Fatalf("%v, %v", s, err)
	}
	if i := s.at(0xffffffff81000015); s[i].plainName() != "alias" && s[i].plainName() != "second" {
		t.Errorf("at second: %v", s[i])
	}
	if s.end(0) != 0xffffffff81000010 || s[3].module != "dummy" || s.at(1) != -1 {
		t.Errorf("%v", s)
	}
	if _, err := readSymbols(strings.NewReader("0000000000000000 T hidden\n")); err == nil {
		t.Error("addresses that are hidden are no error")
	}
}

// The kernel that runs here has functions whose arguments are well known.
func TestFunctionsOfThisKernel(t *testing.T) {
	blob, err := os.ReadFile("/sys/kernel/btf/vmlinux")
	if err != nil {
		t.Skip(err)
	}
	types, err := parseBTF(blob, nil)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]function{}
	types.functions(func(name string, f function) { got[name] = f })
	for name, want := range map[string]function{
		"netlink_rcv_skb":   {resultInt, false, false},
		"rtnetlink_rcv_msg": {resultInt, true, false},
		"netlink_ack":       {resultNone, true, false},
		"rtnl_create_link":  {resultPointer, true, false},
	} {
		if f, ok := got[name]; ok && f != want {
			t.Errorf("%s: got %+v, want %+v", name, f, want)
		}
	}
	if m := types.errorMembers(); len(m) == 0 || len(m) > 20 {
		t.Errorf("an errno is kept at %v", m)
	}
	if len(got) < 10000 {
		t.Errorf("%d functions", len(got))
	}
}

func FuzzBTF(f *testing.F) {
	head := make([]byte, 24, 64)
	binary.NativeEndian.PutUint16(head, 0xeb9f)
	binary.NativeEndian.PutUint32(head[4:], 24)
	binary.NativeEndian.PutUint32(head[12:], 12)
	binary.NativeEndian.PutUint32(head[16:], 12)
	binary.NativeEndian.PutUint32(head[20:], 1)
	f.Add(append(append(head, make([]byte, 12)...), 0))
	f.Fuzz(func(t *testing.T, blob []byte) {
		types, err := parseBTF(blob, nil)
		if err != nil {
			return
		}
		n := 0
		types.functions(func(string, function) { n++ })
		types.errorMembers()
		if n > len(types.at) {
			t.Errorf("%d functions of %d types", n, len(types.at))
		}
	})
}
