package slice

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/capture/pcapng"
	"github.com/nlsniff/nlsniff/internal/phrase"
	"github.com/nlsniff/nlsniff/render"
)

// Formats are the formats of files that can be written.
var Formats = []string{"pcapng", "pcap"}

// FormatOf is the format that a file's name asks for.
func FormatOf(name string) string {
	if strings.EqualFold(filepath.Ext(name), ".pcap") {
		return "pcap"
	}
	return "pcapng"
}

// Written is what a slice holds.
type Written struct {
	Frames int // that were to be kept
	// Naming and Asking are those that came along: frames with names, and with
	// requests, or answers that tell one request from another. Events is what happened to the sockets and processes of all.
	Naming, Asking, Events int
	Names                  []string
	Lost                   Lost
	Damage                 []*capture.CorruptError // parts that could not be read
}

// Lost is what a pcap file has no room for.
type Lost struct{ Processes, Comments, Events, Marks int }

// String is a sentence about it.
func (w *Written) String() string {
	list := []string{phrase.Count(w.Frames, "frame")}
	if w.Naming > 0 {
		list = append(list, fmt.Sprintf("%d that %s %s", w.Naming, phrase.Choose(uint64(w.Naming), "names|name"), and(some(w.Names))))
	}
	if w.Asking > 0 {
		list = append(list, fmt.Sprintf("%d with requests or answers to them", w.Asking))
	}
	if w.Events > 0 {
		list = append(list, phrase.Count(w.Events, "event"))
	}
	return and(list)
}

// Warning says what the format has no room for, "" if nothing is missing.
func (l *Lost) Warning() string {
	var list []string
	for _, x := range []struct {
		n    int
		what string
	}{{l.Processes, "process name|process names"}, {l.Comments, "comment|comments"}, {l.Events, "event|events"}, {l.Marks, "note that answers were left out|notes that answers were left out"}} {
		if x.n > 0 {
			list = append(list, fmt.Sprintf("%d %s", x.n, phrase.Choose(uint64(x.n), x.what)))
		}
	}
	if len(list) == 0 {
		return ""
	}
	return "pcap files have no room for " + and(list) + " (hint: pcapng files do)"
}

// maxNames is how many names a sentence has.
const maxNames = 5

func some(names []string) []string {
	if len(names) <= maxNames {
		return names
	}
	return append(slices.Clone(names[:maxNames]), fmt.Sprintf("%d more", len(names)-maxNames))
}

func and(list []string) string {
	if len(list) < 2 {
		return strings.Join(list, "")
	}
	last := len(list) - 1
	comma := ""
	if last > 1 {
		comma = ","
	}
	return strings.Join(list[:last], ", ") + comma + " and " + list[last]
}

// Writer writes a slice.
type Writer struct {
	needs *Needs
	sink  capture.Sink
	block *pcapng.Writer // nil for pcap
	names map[string]bool
	known int // interfaces of the file
	Written
}

// NewWriter returns a Writer of a format.
func NewWriter(w io.Writer, format string, n *Needs) *Writer {
	out := &Writer{needs: n, names: map[string]bool{}}
	if format == "pcap" {
		out.sink = pcapng.NewPcapWriter(w, pcapng.PcapOptions{})
		return out
	}
	out.block = pcapng.NewWriter(w, pcapng.Section{UserAppl: "nlsniff"})
	out.sink = out.block
	return out
}

// Introduce writes a frame that named things before the first one of the capture,
// if any of that is needed.
func (w *Writer) Introduce(f *capture.Frame) error {
	if len(w.needs.early) == 0 {
		return nil
	}
	for name := range w.needs.early {
		w.names[render.Escape(name)] = true
	}
	w.Naming++
	return w.put(f)
}

// Write writes a frame if it is one of the slice.
func (w *Writer) Write(f *capture.Frame) error {
	if !w.wants(f) {
		return nil
	}
	if w.needs.marks(f) {
		marked := *f
		marked.Flags |= capture.FlagPart
		return w.put(&marked)
	}
	return w.put(f)
}

// put writes a frame, and before it the interfaces up to its own: each has names
// of its own.
func (w *Writer) put(f *capture.Frame) error {
	for ; w.block != nil && f.Namespace != "" && w.known <= f.Interface; w.known++ {
		i := pcapng.Interface{LinkType: capture.LinkTypeNetlink}
		if w.known == f.Interface {
			i.Description = pcapng.DescribeNamespace(f.Namespace, f.Process.NetNS)
		}
		if w.known == 0 {
			if err := w.block.StartSection(pcapng.Section{UserAppl: "nlsniff", Interfaces: []pcapng.Interface{i}}); err != nil {
				return err
			}
			continue
		}
		if _, err := w.block.AddInterface(i); err != nil {
			return err
		}
	}
	return w.sink.Write(f)
}

// wants says whether a frame is one of the slice, and counts it.
func (w *Writer) wants(f *capture.Frame) bool {
	n := w.needs
	if !n.Has(f) {
		return false
	}
	name := n.naming[f.Number]
	switch {
	case f.Event != nil:
		w.Events++
		w.Lost.Events++
	case n.all || n.kept.has(f.Number):
		w.Frames++
	case name != "":
		w.Naming++
		w.names[render.Escape(name)] = true
	default:
		w.Asking++
	}
	if f.Process.Comm != "" && f.Event == nil {
		w.Lost.Processes++
	}
	if f.Comment != "" {
		w.Lost.Comments++
	}
	if n.marks(f) {
		w.Lost.Marks++
	}
	return true
}

// Copy writes the frames of a file. Blocks of a pcapng file are copied as they
// are, with all that stands beside a frame.
func (w *Writer) Copy(src *pcapng.Reader, blocks *Blocks) error {
	var f capture.Frame
	for {
		err := src.Next(&f)
		var damaged *capture.CorruptError
		var other *pcapng.LinkTypeError
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case errors.As(err, &damaged):
			w.Damage = append(w.Damage, damaged)
			continue
		case errors.As(err, &other):
			continue // some of its interfaces are not netlink
		case err != nil:
			return err
		case !w.wants(&f):
			continue
		case w.block == nil || src.Format() != pcapng.FormatPcapng:
			if w.needs.marks(&f) {
				f.Flags |= capture.FlagPart
			}
			err = w.put(&f)
		default:
			err = blocks.write(w.block)
			switch {
			case err != nil:
			case w.needs.marks(&f):
				f.Flags |= capture.FlagPart
				err = w.block.WriteMarked(src.Block(), &f)
			default:
				err = w.block.WriteRaw(src.Block())
			}
		}
		if err != nil {
			return err
		}
	}
}

// Close ends the file and finds out what it is said to hold.
func (w *Writer) Close() error {
	w.Names = slices.Sorted(maps.Keys(w.names))
	if w.block != nil {
		w.Lost = Lost{}
	}
	return w.sink.Close()
}

// Blocks are the blocks of a pcapng file that describe those behind them, until
// one of these is written.
type Blocks struct{ waiting []pcapng.Block }

// Options make a Reader collect them.
func (b *Blocks) Options() pcapng.Options {
	return pcapng.Options{Events: true, OnBlock: b.take}
}

func (b *Blocks) take(x pcapng.Block) error {
	if x.Format == pcapng.FormatPcap {
		return nil
	}
	switch x.Type {
	case pcapng.BlockSectionHeader:
		b.waiting = b.waiting[:0]
	case pcapng.BlockInterface:
	default:
		return nil
	}
	x.Raw = slices.Clone(x.Raw)
	b.waiting = append(b.waiting, x)
	return nil
}

func (b *Blocks) write(w *pcapng.Writer) error {
	for _, x := range b.waiting {
		if err := w.WriteRaw(x); err != nil {
			return err
		}
	}
	b.waiting = b.waiting[:0]
	return nil
}
