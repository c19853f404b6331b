package tui

import (
	"bufio"
	"encoding/binary"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/nlsniff/nlsniff/internal/pcaptest"
	"github.com/nlsniff/nlsniff/tui/store"
)

// largeFile writes a pcap of so many bytes: the captures again and again.
func largeFile(b *testing.B, size int64) string {
	b.Helper()
	path := filepath.Join(b.TempDir(), "large.pcap")
	f, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	w := bufio.NewWriterSize(f, 1<<20)
	var records []byte
	for i, name := range pcaptest.Names {
		raw, err := os.ReadFile(pcaptest.Path(name + ".pcap"))
		if err != nil {
			b.Fatal(err)
		}
		if binary.LittleEndian.Uint32(raw) != 0xa1b2c3d4 || binary.LittleEndian.Uint32(raw[20:]) != 253 {
			continue
		}
		if i == 0 || len(records) == 0 {
			w.Write(raw[:24])
		}
		records = append(records, raw[24:]...)
	}
	for n := int64(0); n < size; n += int64(len(records)) {
		if _, err := w.Write(records); err != nil {
			b.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		b.Fatal(err)
	}
	return path
}

// largeSize is the size of the file of the benchmarks in bytes.
const largeSize = 1 << 30

// BenchmarkFirstScreen is the time from opening a file of 1 GB to the first
// screen with its messages on it.
func BenchmarkFirstScreen(b *testing.B) {
	path := largeFile(b, largeSize)
	for b.Loop() {
		s, err := store.Open(path, storeOptions())
		if err != nil {
			b.Fatal(err)
		}
		u := &user{TB: b, m: newModel(Options{after: func(time.Duration, tea.Msg) tea.Cmd { return nil }}, s)}
		u.send(tea.WindowSizeMsg{Width: 120, Height: 40})
		for u.m.list().cache.get(30) == nil || u.m.detail.tree.d == nil {
			u.send(tickMsg{})
		}
		_ = u.m.View()
		s.Close()
	}
}

// BenchmarkScroll is the time from a key to the next screen, of a file of 1 GB
// that is indexed. Pages go by, so every second one has to be decoded.
func BenchmarkScroll(b *testing.B) {
	path := largeFile(b, largeSize)
	s, err := store.Open(path, storeOptions())
	if err != nil {
		b.Fatal(err)
	}
	began := time.Now()
	for !s.State().Done {
		time.Sleep(10 * time.Millisecond)
	}
	index := time.Since(began)
	u := sitAt(b, s, "large", 120, 40)
	var took []time.Duration
	runtime.GC()
	for b.Loop() {
		start := time.Now()
		u.press("pgdown")
		_ = u.m.View()
		took = append(took, time.Since(start))
	}
	slices.Sort(took)
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	b.ReportMetric(index.Seconds(), "s/index")
	b.ReportMetric(float64(m.HeapInuse)/(1<<20), "MB-heap")
	b.ReportMetric(float64(took[len(took)*99/100])/1e6, "ms/p99")
	b.ReportMetric(float64(took[len(took)-1])/1e6, "ms/worst")
}

// BenchmarkFind is the time to look through a file of 64 MB for a text that is
// nowhere: by a search, and by a filter for the same text.
func BenchmarkFind(b *testing.B) {
	s, err := store.Open(largeFile(b, 64<<20), storeOptions())
	if err != nil {
		b.Fatal(err)
	}
	u := sitAt(b, s, "large", 120, 40)
	for !s.State().Done {
		time.Sleep(time.Millisecond)
	}
	u.send(tickMsg{})
	b.Run("search", func(b *testing.B) {
		for b.Loop() {
			u.press("/").types("xyzzy").press("enter")
			for u.m.search.busy {
				time.Sleep(time.Millisecond)
			}
		}
	})
	b.Run("filter", func(b *testing.B) {
		for b.Loop() {
			u.press("\\").types(`"xyzzy"`).press("enter")
			for !u.m.filtered() {
				time.Sleep(time.Millisecond)
				u.send(tickMsg{})
			}
			u.press("\\")
			for range 7 {
				u.press("backspace")
			}
			u.press("enter")
		}
	})
}
