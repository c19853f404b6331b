package pcapng

import (
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/nlsniff/nlsniff/capture"
)

// Reader yields the netlink frames of a pcap or pcapng file. It is a
// capture.Source and a gopacket.PacketDataSource.
type Reader struct {
	br   *BlockReader
	opt  Options
	file *os.File // that Open opened, nil for other inputs
	end  int64    // offset of the first block that is not read; 0: no such limit

	sections []Section
	numIface int
	cur      section
	dropped  []uint64 // of the section's interfaces, as last reported
	text     textBudget
	kept     keeper

	block   Block
	number  int
	stats   capture.Stats
	skipped uint64
	netlink bool  // an interface that can carry netlink was described
	told    bool  // a LinkTypeError was returned
	foreign bool  // the section is of a version that cannot be read
	pending error // returned by the next call
	ended   error // what Options.OnBlock stopped with
}

// Open opens a file for reading; "-" is standard input.
func Open(path string, o Options) (*Reader, error) {
	if path == "-" {
		return NewReader(os.Stdin, o)
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	return OpenFile(file, o)
}

// OpenFile is Open for a file that is open, of which nothing has been read. It
// closes the file with the Reader, and where it fails.
func OpenFile(file *os.File, o Options) (*Reader, error) {
	r, err := NewReader(file, o)
	if err != nil {
		file.Close()
		return nil, fmt.Errorf("%s: %w", file.Name(), err)
	}
	r.file = file
	return r, nil
}

// NewReader reads from in, which may be compressed with gzip, zstd or lz4. It
// returns ErrEmpty, an error that wraps ErrFormat if in is no capture file, or
// a *LinkTypeError for a pcap file of another link type. With Options.Follow,
// these come from Next if the file's header is not yet there.
func NewReader(in io.Reader, o Options) (*Reader, error) {
	br, err := NewBlockReader(in, o)
	if err != nil {
		return nil, err
	}
	r := &Reader{br: br, opt: o}
	if br.Format() == FormatPcap && !canCarryNetlink(br.pcap.link) {
		br.Close()
		return nil, newLinkTypeError(br.pcap.link)
	}
	return r, nil
}

// Next fills f with the next netlink frame. f.Data and f.Number are as
// capture.Source has them; f.Number counts the packets that Wireshark would
// show, so it skips the numbers of frames that are not netlink. A frame with a
// cooked header that was cut off in the capture comes as it is, f.Data is then
// shorter than capture.CookedLen.
//
// Beside io.EOF, *capture.CorruptError and capture.ErrTryAgain (with
// Options.Follow), it returns a *LinkTypeError at the first packet of a
// pcapng file none of whose interfaces so far can carry netlink. A caller that
// goes on after it gets the netlink frames that may still come.
func (r *Reader) Next(f *capture.Frame) error {
	if r.ended != nil {
		return r.ended
	}
	if err := r.pending; err != nil {
		r.pending = nil
		return err
	}
	for {
		if r.end != 0 && r.br.in.off >= r.end {
			return io.EOF
		}
		if err := r.br.next(&r.block); err != nil {
			return err
		}
		if !r.block.IsPacket() || r.foreign {
			if err := r.describe(); err != nil {
				return err
			}
			if r.opt.Events && !r.foreign && isEvent(&r.block) {
				return r.event(f)
			}
			continue
		}
		if ok, err := r.packet(f); ok || err != nil {
			return err
		}
	}
}

// packet decodes the packet in r.block. It reports false without an error for
// a packet that is to be skipped.
func (r *Reader) packet(f *capture.Frame) (bool, error) {
	r.number++
	ok, err := r.cur.fill(f, &r.block, &r.kept)
	if !ok {
		if err != nil {
			return false, err
		}
		r.skipped++
		if !r.netlink && !r.told {
			r.told = true
			p, _ := parsePacket(&r.block)
			return false, newLinkTypeError(r.cur.ifaces[p.iface].link)
		}
		return false, nil
	}
	f.Number = r.number
	r.stats.Frames++
	r.pending = err
	if r.opt.Index != nil {
		r.opt.Index.add(r.block.Offset, r.number)
	}
	return true, nil
}

// event decodes the event in r.block, which describe has counted.
func (r *Reader) event(f *capture.Frame) error {
	err := r.cur.fillEvent(f, &r.block, &r.kept)
	f.Number = r.number
	if err == nil && r.opt.Index != nil {
		r.opt.Index.add(r.block.Offset, r.number)
	}
	return err
}

// describe takes in a block that is not a packet.
func (r *Reader) describe() error {
	var err error
	switch b := &r.block; {
	case r.end != 0 && (b.Type == BlockSectionHeader || b.Type == BlockInterface):
		return errPart
	case r.foreign && b.Type != BlockSectionHeader:
	case b.Format == FormatPcap:
		r.openSection(Section{Order: b.Order})
		i := r.br.pcap.interfaceOf()
		if !canCarryNetlink(i.LinkType) {
			err = newLinkTypeError(i.LinkType) // when following, it was not known before
			r.told = true
		}
		r.addInterface(i)
	case b.Type == BlockSectionHeader:
		err = r.readSection()
	case b.Type == BlockInterface:
		err = r.readInterface()
	case b.Type == BlockStatistics:
		r.readStatistics()
	case b.Type == BlockJournal, b.Type == BlockCustom, b.Type == BlockCustomPrivate:
		r.number++ // Wireshark shows them among the packets
	}
	if r.opt.OnBlock != nil {
		if stop := r.opt.OnBlock(r.block); stop != nil {
			r.ended = stop
			return stop
		}
	}
	return err
}

func (r *Reader) readSection() error {
	if len(r.sections) >= maxSections {
		// Its packets then belong to no interface and are reported.
		r.cur.ifaces, r.numIface = nil, maxInterfaces
		return corrupt(&r.block, fmt.Sprintf("more than %d sections", maxSections))
	}
	s, known, err := parseSection(&r.block, &r.text)
	r.openSection(s)
	r.foreign = !known
	return err
}

func (r *Reader) readInterface() error {
	if r.numIface >= maxInterfaces {
		return corrupt(&r.block, fmt.Sprintf("more than %d interfaces", maxInterfaces))
	}
	if len(r.sections) == 0 { // the section header was damaged
		r.openSection(Section{Order: r.block.Order})
	}
	i, err := parseInterface(&r.block, &r.text)
	r.addInterface(i)
	return err
}

func (r *Reader) openSection(s Section) {
	r.sections = append(r.sections, s)
	r.cur = section{number: len(r.sections) - 1, format: r.br.Format(), e: r.block.e}
	r.dropped = nil
	if r.opt.Index != nil {
		r.opt.Index.addSection(r.block.Offset, r.cur)
		if !r.Direct() {
			r.opt.Index.fail(ErrCompressed)
		}
	}
}

func (r *Reader) addInterface(i Interface) {
	s := &r.sections[len(r.sections)-1]
	s.Interfaces = append(s.Interfaces, i)
	r.cur.ifaces = append(r.cur.ifaces, i.decoding())
	r.numIface++
	r.netlink = r.netlink || canCarryNetlink(i.LinkType)
	if r.opt.Index != nil {
		r.opt.Index.addInterface(i.decoding())
	}
}

// readStatistics takes the drop counts of an Interface Statistics Block
// (pcapng draft section 4.6). They are totals, so a later block of the same
// interface replaces an earlier one.
func (r *Reader) readStatistics() {
	b := &r.block
	if len(b.body()) < statisticsBodyLen {
		return
	}
	id := b.e.u32(b.body())
	if uint64(id) >= uint64(len(r.cur.ifaces)) {
		return
	}
	var lost uint64
	list := optionList{rest: b.optionBytes(), e: b.e}
	for list.next() {
		if (list.code == OptStatisticsDropped || list.code == OptStatisticsOSDrop) && len(list.value) == 8 {
			lost += b.e.u64(list.value)
		}
	}
	if r.dropped == nil {
		r.dropped = make([]uint64, len(r.cur.ifaces))
	}
	if n := int(id) + 1; n > len(r.dropped) {
		r.dropped = append(r.dropped, make([]uint64, n-len(r.dropped))...)
	}
	r.stats.Dropped += lost - r.dropped[id]
	r.dropped[id] = lost
}

// Stats counts the frames delivered, and the frames that the file says were
// lost when it was captured.
func (r *Reader) Stats() capture.Stats { return r.stats }

// Skipped counts the packets passed over because they are not netlink.
func (r *Reader) Skipped() uint64 { return r.skipped }

// Sections describes the sections read so far. A pcap file is one section
// with one interface.
func (r *Reader) Sections() []Section {
	list := slices.Clone(r.sections)
	for i := range list {
		list[i].Interfaces = slices.Clone(list[i].Interfaces)
	}
	return list
}

// Block is the block of the frame that Next last returned, to copy it as it
// is. It stays valid until the next call of Next.
func (r *Reader) Block() Block { return r.block }

// Format returns the format of the input.
func (r *Reader) Format() Format { return r.br.Format() }

// Compression returns how the input is compressed.
func (r *Reader) Compression() Compression { return r.br.Compression() }

// Direct says whether frames can be read again where they stand in the input: it
// is neither compressed nor converted.
func (r *Reader) Direct() bool { return r.br.Direct() }

// Offset returns the offset of the first byte not yet consumed, in bytes from
// the start of the decompressed input.
func (r *Reader) Offset() int64 { return r.br.Offset() }

// Interrupt ends a Next that waits for a pipe, from another goroutine, which the
// other methods are not for. What is left to do is Close.
func (r *Reader) Interrupt() {
	if r.file != nil {
		_ = r.file.Close() // which is safe beside a read, unlike the rest
	}
}

// Close releases the decompressor and closes the file that Open opened.
func (r *Reader) Close() error {
	err := r.br.Close()
	if r.file != nil {
		return r.file.Close()
	}
	return err
}
