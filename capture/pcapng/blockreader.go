package pcapng

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/internal/phrase"
)

// Options say how to read. The zero value is right for a finished file.
type Options struct {
	// Follow reads an input that grows: where it ends for now, Next returns
	// capture.ErrTryAgain and can be called again. Compressed input cannot
	// be followed, its end is final.
	Follow bool
	// MaxBlock is the size in bytes from which on a block or record is taken
	// for damage. 0 is 64 MiB.
	MaxBlock int
	// Events has a Reader deliver events, as frames with Frame.Event.
	Events bool
	// Index, if not nil, takes the position of every frame that a Reader
	// delivers.
	Index *Index
	// OnBlock, if not nil, is called by a Reader with every block that is
	// not a packet, in file order, so that a copy can keep it. An error from
	// it ends reading.
	OnBlock func(Block) error
	// Convert, if not nil, gets what is neither pcap nor pcapng, and returns the
	// pcapng file to read instead, or nil if it knows no better. A
	// *capture.CorruptError that this one's Read returns is damage which it
	// passes over.
	Convert func(io.Reader) (io.Reader, error)
}

// BlockReader yields the blocks of a file whole. It checks their frames and
// nothing of their content.
type BlockReader struct {
	opt     Options
	packed  *decompressor
	in      *window
	convert bool // in is what Options.Convert returned
	format  Format
	e       endian
	damage  error                 // what cut the input short, until it is reported
	lost    *capture.CorruptError // the damage behind which a search is under way
	started bool
	single  bool // one block is wanted: no search behind damage

	pcap pcapState
}

// NewBlockReader reads the blocks of r. It returns ErrEmpty, or an error that
// wraps ErrFormat, if r is no capture file. With Options.Follow, these come
// from Next if the file's header is not yet there.
func NewBlockReader(r io.Reader, o Options) (*BlockReader, error) {
	if o.MaxBlock <= 0 {
		o.MaxBlock = maxBlockDefault
	}
	o.MaxBlock = max(o.MaxBlock, minMaxBlock)
	br := &BlockReader{opt: o, in: newWindow(r, windowSize, o.Follow)}
	if err := br.start(); err != nil && err != capture.ErrTryAgain {
		br.Close()
		return nil, err
	}
	return br, nil
}

// Format returns the format of the input, FormatUnknown before it is known.
func (br *BlockReader) Format() Format { return br.format }

// Compression returns how the input is compressed.
func (br *BlockReader) Compression() Compression {
	if br.packed == nil {
		return Uncompressed
	}
	return br.packed.name
}

// Direct says whether the blocks stand in the input as they are, and can be read
// there again: it is neither compressed nor converted.
func (br *BlockReader) Direct() bool { return br.packed == nil && !br.convert }

// Offset returns the offset of the first byte not yet consumed, in bytes from
// the start of the decompressed input.
func (br *BlockReader) Offset() int64 { return br.in.off }

// Close releases the decompressor. It does not close the underlying reader.
func (br *BlockReader) Close() error {
	if br.packed != nil {
		br.packed.close()
	}
	return nil
}

// Next returns the next block; its Raw stays valid until the next call. It
// returns io.EOF at the end, a *capture.CorruptError for a damaged part that
// it has passed over, and capture.ErrTryAgain when it follows a file and
// nothing more is there. Every call that returns one of the first two
// consumes input.
func (br *BlockReader) Next() (Block, error) {
	var b Block
	err := br.next(&b)
	return b, err
}

func (br *BlockReader) next(b *Block) error {
	if !br.started {
		if err := br.start(); err != nil {
			return err
		}
	}
	if br.lost != nil {
		return br.resync()
	}
	if br.format == FormatPcap {
		return br.nextPcap(b)
	}
	return br.nextBlock(b)
}

// start sniffs compression and format.
func (br *BlockReader) start() error {
	if br.packed == nil {
		head, err := br.peek(4)
		if err != nil {
			return br.startError(head, err)
		}
		if c := sniffCompression(head); c != Uncompressed {
			br.in.follow, br.opt.Follow = false, false
			packed, err := newDecompressor(c, br.in)
			if err != nil {
				return err
			}
			br.packed, br.in = packed, newWindow(packed, windowSize, false)
		}
	}
	head, err := br.peek(12)
	if err != nil {
		return br.startError(head, err)
	}
	br.format, br.e = sniffFormat(head)
	if br.format == FormatUnknown && br.opt.Convert != nil && !br.convert {
		if head, err = br.converted(head); err != nil {
			return err
		}
		br.format, br.e = sniffFormat(head)
	}
	switch br.format {
	case FormatUnknown:
		return formatError(head)
	case FormatPcap:
		head, err := br.peek(pcapHeaderLen)
		if err != nil {
			br.format = FormatUnknown
			return br.startError(head, err)
		}
		if err := br.pcap.parse(head, br.e); err != nil {
			return err
		}
	}
	br.started = true
	return nil
}

// converted puts what Options.Convert makes of the input in its place, and
// returns how the input begins now.
func (br *BlockReader) converted(head []byte) ([]byte, error) {
	head = bytes.Clone(head)
	br.in.follow, br.opt.Follow = false, false
	made, err := br.opt.Convert(br.in)
	if err != nil || made == nil {
		return head, err
	}
	br.convert, br.in = true, newWindow(made, windowSize, false)
	return br.peek(12)
}

func (br *BlockReader) startError(head []byte, err error) error {
	switch {
	case err != io.EOF:
		return err
	case br.opt.Follow:
		return capture.ErrTryAgain
	case br.damage != nil:
		return fmt.Errorf("%w: %w", ErrFormat, br.damage)
	case len(head) == 0:
		return ErrEmpty
	}
	return formatError(head)
}

// peek is window.peek, but that damaged compressed data ends the input: what
// came before it is still good.
func (br *BlockReader) peek(n int) ([]byte, error) {
	b, err := br.in.peek(n)
	if err == nil || err == io.EOF {
		return b, err
	}
	var packed *packedError
	if errors.As(err, &packed) {
		br.damage, br.in.err = err, io.EOF
		return b, io.EOF
	}
	return b, err
}

// nextBlock reads a pcapng block.
func (br *BlockReader) nextBlock(b *Block) error {
	head, err := br.peek(minBlock)
	if err != nil {
		return br.cutOff(head, minBlock, err)
	}
	n, reason := br.frameLen(head, br.opt.MaxBlock)
	if reason != "" {
		return br.lose(reason)
	}
	raw, err := br.peek(n)
	if err != nil {
		return br.cutOff(raw, n, err)
	}
	e := br.e
	if br.isSection(head) {
		e = sectionEndian(raw)
	}
	if tail := e.u32(raw[n-4:]); tail != uint32(n) {
		return br.lose(fmt.Sprintf("block length %d is repeated as %d", n, tail))
	}
	br.e = e
	*b = Block{Format: FormatPcapng, Type: e.u32(raw), Offset: br.in.off, Order: e.order(), Raw: raw, e: e}
	br.in.advance(n)
	return nil
}

func (br *BlockReader) isSection(head []byte) bool { return little.u32(head) == BlockSectionHeader }

// sectionEndian reads the byte order of a section header block: the order in
// which its byte-order magic reads right. The caller knows that one does.
func sectionEndian(head []byte) endian {
	return endian(big.u32(head[8:]) == magicByteOrder)
}

// frameLen reads the length of the block that starts with head, 12 bytes, or
// says what is wrong with it.
func (br *BlockReader) frameLen(head []byte, most int) (n int, reason string) {
	e, least := br.e, minBlock
	if br.isSection(head) {
		e, least = sectionEndian(head), minSectionBlock
		if e.u32(head[8:]) != magicByteOrder {
			return 0, fmt.Sprintf("section header block has byte-order magic 0x%x", e.u32(head[8:]))
		}
	}
	switch n := e.u32(head[4:]); {
	case n < uint32(least):
		return 0, fmt.Sprintf("block length %d is less than %d", n, least)
	case n%4 != 0:
		return 0, fmt.Sprintf("block length %d is not a multiple of 4", n)
	case uint64(n) > uint64(most):
		return 0, fmt.Sprintf("block length %d is over the limit of %d", n, most)
	default:
		return int(n), ""
	}
}

// cutOff handles an input that ends where want bytes were due.
func (br *BlockReader) cutOff(have []byte, want int, err error) error {
	switch {
	case err != io.EOF:
		return err
	case br.opt.Follow:
		return capture.ErrTryAgain
	case len(have) > 0:
		// The length may be what is damaged: look for a block in the rest.
		return br.lose(fmt.Sprintf("the file ends %s into the %s of a block", phrase.Count(len(have), "byte"), phrase.Count(want, "byte")))
	case br.damage != nil:
		err := &capture.CorruptError{Offset: br.in.off, Reason: br.damage.Error()}
		br.damage = nil
		return err
	}
	return io.EOF
}
