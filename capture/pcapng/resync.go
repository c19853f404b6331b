package pcapng

import (
	"io"

	"github.com/nlsniff/nlsniff/capture"
)

// lose starts the search for a place to go on behind damage at the current
// offset.
func (br *BlockReader) lose(reason string) error {
	lost := &capture.CorruptError{Offset: br.in.off, Reason: reason}
	if br.single {
		return lost
	}
	br.lost = lost
	br.in.advance(1)
	return br.resync()
}

// resync looks for the next plausible block or record and returns the error
// that describes what it passed over. It goes byte by byte: where a killed
// capture was continued by another in the same file, nothing is aligned. Each
// byte is looked at once and costs a bounded look-ahead, so the search is
// linear however often it has to start again. When following, it returns
// capture.ErrTryAgain and remembers where it was.
func (br *BlockReader) resync() error {
	for {
		found, err := br.plausible()
		if err != nil && err != io.EOF {
			return err
		}
		if err == io.EOF && br.opt.Follow {
			return capture.ErrTryAgain
		}
		if err == io.EOF && !found && br.in.w-br.in.r < br.leastHeader() {
			br.in.advance(br.in.w - br.in.r)
			found = true
		}
		if found {
			lost := br.lost
			lost.Skipped = br.in.off - lost.Offset
			br.lost = nil
			return lost
		}
		br.in.advance(1)
	}
}

// leastHeader is how many bytes plausible needs to judge.
func (br *BlockReader) leastHeader() int {
	if br.format == FormatPcap {
		return pcapRecordLen
	}
	return minBlock
}

// plausible reports whether a whole block or record seems to start here. Its
// error is io.EOF if the input ends before that can be said.
func (br *BlockReader) plausible() (bool, error) {
	if br.format == FormatPcap {
		return br.plausibleRecord()
	}
	head, err := br.peek(minBlock)
	if err != nil {
		return false, err
	}
	e := br.e
	if br.isSection(head) {
		e = sectionEndian(head)
	}
	if !isKnownBlock(e.u32(head)) {
		return false, nil
	}
	n, reason := br.frameLen(head, min(br.opt.MaxBlock, maxBlockResync))
	if reason != "" {
		return false, nil
	}
	raw, err := br.peek(n)
	if err != nil {
		return false, err
	}
	if e.u32(raw[n-4:]) != uint32(n) {
		return false, nil
	}
	b := Block{Type: e.u32(raw), Raw: raw, e: e}
	if !b.IsPacket() {
		return true, nil
	}
	_, reason = parsePacket(&b)
	return reason == "", nil
}

// isKnownBlock reports whether t is a type that a search may stop at: what is
// common enough in real files to make a chance hit the unlikelier reading.
func isKnownBlock(t uint32) bool {
	switch t {
	case BlockInterface, BlockPacket, BlockSimplePacket, BlockNameResolution, BlockStatistics, BlockEnhancedPacket,
		BlockJournal, BlockSecrets, BlockCustom, BlockCustomPrivate, BlockSectionHeader:
		return true
	}
	return false
}
