package pcapng

import (
	"bytes"
	"slices"
	"strings"
	"testing"
)

func TestVersion2SectionIsPassedOver(t *testing.T) {
	odd := everything(little)
	odd[12] = 2
	in := slices.Concat(odd, everything(big))
	res := readAll(t, in, Options{})
	if len(res.damage) != 1 || res.damage[0].Offset != 0 || len(res.frames) != 5 || res.frames[0].Section != 1 {
		t.Fatalf("damage %v, %d frames", res.damage, len(res.frames))
	}
}

func TestManyInterfacesStayBounded(t *testing.T) {
	w := (&builder{}).section()
	for range maxInterfaces + 10 {
		w.iface(253, 0)
	}
	w.packet(3, 1, netlink('a', 1)).packet(maxInterfaces+5, 1, netlink('a', 1))
	res := readAll(t, w.b, Options{})
	if len(res.frames) != 1 || len(res.damage) != 11 {
		t.Errorf("%d frames, %d errors", len(res.frames), len(res.damage))
	}
}

func TestInterfaceOptions(t *testing.T) {
	w := (&builder{e: big}).section().iface(253, 9,
		Option{OptInterfaceName, []byte("nl\x00")}, // with a NUL that should not be there
		Option{OptInterfaceFilter, []byte("\x01code")},
		Option{OptInterfaceResolution, []byte{1, 2}},
		Option{OptInterfaceOffset, []byte{1}})
	w.block(BlockInterface, []byte{0, 253})
	res := readAll(t, w.b, Options{})
	got := res.reader.Sections()[0].Interfaces
	want := []Interface{{LinkType: 253, Name: "nl", SnapLen: 9, Resolution: 6}, {}}
	if !slices.Equal(got, want) || len(res.damage) != 1 || !strings.HasPrefix(res.damage[0].Reason, "interface description block of 16 bytes") {
		t.Errorf("%+v, damage %v", got, res.damage)
	}
}

func TestNamesStayBounded(t *testing.T) {
	w := &builder{}
	name := bytes.Repeat([]byte("x"), 60000)
	for range maxTextKept/len(name) + 50 {
		w.section(Option{OptSectionOS, name})
	}
	kept := 0
	for _, s := range readAll(t, w.b, Options{}).reader.Sections() {
		kept += len(s.OS)
	}
	if kept > maxTextKept || kept < maxTextKept-len(name) {
		t.Errorf("%d bytes of names kept of %d", kept, len(w.b))
	}
}

func TestStatisticsOfOddInterfaces(t *testing.T) {
	w := (&builder{}).section().iface(253, 0).iface(253, 0)
	stats := func(id uint32, lost uint64) {
		body := append(w.e.append32(nil, id), make([]byte, 8)...)
		w.block(BlockStatistics, w.options(body, []Option{{OptStatisticsDropped, w.e.append64(nil, lost)}, {OptStatisticsOSDrop, []byte{1}}}))
	}
	stats(1, 5)
	w.iface(253, 0)
	stats(2, 7)
	stats(3, 100) // not described
	stats(1, 6)   // a later total
	w.block(BlockStatistics, []byte{1})
	if s := readAll(t, w.b, Options{}).reader.Stats(); s.Dropped != 13 {
		t.Errorf("%d dropped, want 13", s.Dropped)
	}
}
