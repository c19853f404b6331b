package capfilter

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	cbpf "golang.org/x/net/bpf"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/internal/pcaptest"
)

// several says whether a datagram holds more than one message, written apart
// from both the compiler and the evaluator.
func several(fr *Frame) bool {
	n := uint64(len(fr.Data))
	if n < hdrLen || fr.Proto == protoUevent {
		return false
	}
	l := uint64(fr.u32(fr.Data))
	return l >= hdrLen && (l+3)/4*4+hdrLen <= n
}

// check holds a program to the evaluator: it never drops what matches, and
// where it can know everything it accepts nothing else.
func check(t testing.TB, f *Filter, p *Program, fr *Frame) {
	t.Helper()
	got, err := runVM(p.Instructions, fr.Proto, fr.Data)
	if err != nil {
		t.Fatalf("%s: %v", f, err)
	}
	want := f.Match(fr)
	if want && got == 0 {
		t.Fatalf("the program of %s drops a frame that matches: proto %d big %v % x", f, fr.Proto, fr.Big, fr.Data)
	}
	exact := !f.Dynamic() && p.coarse == fine && !several(fr)
	if got != 0 && !want && (exact || p.Exact) {
		t.Fatalf("the program of %s accepts a frame that does not match: proto %d big %v % x", f, fr.Proto, fr.Big, fr.Data)
	}
}

func TestProgramNeverDropsAMatch(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	matched, dropped := 0, 0
	for range 700 {
		text := randomFilter(r, 3)
		f, err := Parse(text, testNames{})
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		for _, big := range []bool{false, true} {
			p := f.program(ids.known, 0, big)
			if _, err := p.Raw(); err != nil {
				t.Fatalf("%s: %v", text, err)
			}
			for range 100 {
				proto, data := randomFrame(r, big)
				fr := &Frame{Proto: proto, Data: data, Big: big, IDs: ids}
				check(t, f, p, fr)
				if f.Match(fr) {
					matched++
				} else if n, _ := runVM(p.Instructions, proto, data); n == 0 {
					dropped++
				}
			}
		}
	}
	t.Logf("%d frames matched, %d were dropped by the program", matched, dropped)
	if matched < 5000 || dropped < 5000 {
		t.Error("the random frames and filters have too little to do with one another")
	}
}

func TestProgramOnCaptures(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	var filters []*Filter
	var programs []*Program
	for len(filters) < 60 {
		f, err := Parse(randomFilter(r, 2), testNames{})
		if err != nil {
			t.Fatal(err)
		}
		filters = append(filters, f)
		programs = append(programs, f.program(ids.known, 0, false))
	}
	for _, name := range pcaptest.Names {
		for i, cf := range pcaptest.Frames(t, name) {
			fr := &Frame{Proto: cf.Data[capture.CookedLen-1], Data: cf.Data[capture.CookedLen:], IDs: ids}
			for j := i % 4; j < len(filters); j += 4 { // a quarter each
				check(t, filters[j], programs[j], fr)
			}
		}
	}
}

// longFilters come as close to the bound as they can, from below.
func longFilters() []string {
	var out []string
	for _, part := range []string{"seq %d", "portid > %d", "type %d", "cmd %d", "error %d"} {
		text := ""
		for i := 0; ; i++ {
			next := fmt.Sprintf(part, i*2+1)
			if i > 0 {
				next = text + " or " + next
			}
			f, err := Parse(next, testNames{})
			if err != nil || f.program(ids.known, 0, false).coarse != fine {
				break
			}
			text = next
		}
		out = append(out, text)
	}
	return out
}

// A filter that is too long for the kernel gets a program that drops less.
func TestLongFilter(t *testing.T) {
	var parts []string
	for i := range 600 {
		parts = append(parts, fmt.Sprintf("seq %d", 2*i+1))
	}
	long := strings.Join(parts, " or ")
	tests := []struct {
		text   string
		coarse coarseness
	}{
		{"proto route and (" + long + ")", byProtocol},
		{"family macsec and (" + long + ")", byProtocol},
		{strings.ReplaceAll(long, "seq", "proto 1 and not proto 3 or proto 6 and seq"), everything},
		{strings.Join(parts[:60], " or "), fine},
	}
	r := rand.New(rand.NewPCG(5, 6))
	for _, tt := range tests {
		f, err := Parse(tt.text, testNames{})
		if err != nil {
			t.Fatal(err)
		}
		p := f.program(ids.known, 0, false)
		if p.coarse != tt.coarse || cost(p.Instructions) > maxCost {
			t.Errorf("%.60s…: coarseness %d with %d instructions, want %d", tt.text, p.coarse, len(p.Instructions), tt.coarse)
		}
		for range 200 {
			proto, data := randomFrame(r, false)
			check(t, f, p, &Frame{Proto: proto, Data: data, IDs: ids})
		}
	}
}

// Jumps over more than 255 instructions take detours.
func TestLongJumps(t *testing.T) {
	var parts []string
	for i := range 160 {
		parts = append(parts, fmt.Sprint(2*i+1))
	}
	f, err := Parse("proto route and not type "+strings.Join(parts, ","), testNames{})
	if err != nil {
		t.Fatal(err)
	}
	p := f.program(nil, 0, false)
	detours := 0
	for _, in := range p.Instructions {
		if j, ok := in.(cbpf.Jump); ok && j.Skip > maxSkip-3 {
			detours++
		}
	}
	if p.coarse != fine || detours == 0 {
		t.Fatalf("%d instructions have no long jump", len(p.Instructions))
	}
	r := rand.New(rand.NewPCG(7, 8))
	for range 2000 {
		proto, data := randomFrame(r, false)
		check(t, f, p, &Frame{Proto: proto, Data: data})
	}
}

func TestSnapLength(t *testing.T) {
	f, err := Parse("proto route", testNames{})
	if err != nil {
		t.Fatal(err)
	}
	for _, snap := range []uint32{0, 64} {
		want := snap
		if snap == 0 {
			want = 0xffffffff
		}
		if got, err := runVM(f.Program(nil, snap).Instructions, 0, make([]byte, 100)); err != nil || uint32(got) != want {
			t.Errorf("snap %d: got %d, %v", snap, got, err)
		}
	}
}

func TestDynamicProgram(t *testing.T) {
	f, err := Parse("family macsec", testNames{})
	if err != nil {
		t.Fatal(err)
	}
	p := f.program(ids.known, 0, false)
	frame := func(typ byte) []byte { return []byte{20, 0, 0, 0, typ, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0} }
	for typ, want := range map[byte]bool{
		16: true,  // the controller tells the id
		21: false, // devlink
		28: false, // nl80211
		31: false, // known, but not described
		40: true,  // new: it may be macsec
		22: true,
	} {
		n, err := runVM(p.Instructions, protoGeneric, frame(typ))
		if err != nil || n != 0 != want {
			t.Errorf("id %d: accepted is %v, want %v (%v)", typ, n != 0, want, err)
		}
	}
	known := KnownIDs{40: "macsec"}
	p = f.program(known, 0, false)
	if n, _ := runVM(p.Instructions, protoGeneric, frame(40)); n == 0 {
		t.Error("dropped although the id is known now")
	}
	if n, _ := runVM(p.Instructions, 0, frame(40)); n != 0 {
		t.Error("a generic id counts in another protocol")
	}
}
