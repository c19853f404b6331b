package pcapng

import (
	"errors"
	"io"

	"github.com/nlsniff/nlsniff/capture"
)

// partWindow is the size of a part's buffer in bytes: it stays in a processor's
// cache, and little is read of the next part.
const partWindow = 128 << 10

// errPart is what ends a part that cannot be read without what is before it.
var errPart = errors.New("sections and interfaces are for the whole file's reader")

// Part is a stretch of a file, to be read beside others. A pcap or pcapng file
// can be read from the front alone: where a part begins is a guess, which has
// come true if the part before it ends there (Joined).
type Part struct {
	r    Reader
	from int64 // where the guess starts; of the first part, where it begins
	at   int64 // where it begins, once it was looked for
	sure bool
}

// Parts cuts what r has not read yet into parts of about so many bytes. It
// returns nil if there are not two of them, or if it cannot be read from several
// places: a compressed file, a pipe, a file that is followed or indexed, or one
// whose current section is not understood. r itself stays where it is.
func (r *Reader) Parts(partSize int64) []*Part {
	if r.file == nil {
		return nil
	}
	st, err := r.file.Stat()
	if err != nil || !st.Mode().IsRegular() {
		return nil
	}
	return r.cut(r.file, st.Size(), partSize)
}

// cut is Parts for the first size bytes of what r reads.
func (r *Reader) cut(in io.ReaderAt, size, partSize int64) []*Part {
	if !r.Direct() || r.opt.Follow || r.opt.Index != nil || r.opt.OnBlock != nil ||
		r.foreign || len(r.sections) == 0 || r.pending != nil || r.br.lost != nil {
		return nil
	}
	from := r.br.in.off
	n := (size - from) / partSize
	if n < 2 {
		return nil
	}
	parts := make([]*Part, n)
	for i := range parts {
		begin, end := from+int64(i)*partSize, from+int64(i+1)*partSize
		if i == len(parts)-1 {
			end = size
		}
		p := &Part{from: begin, sure: i == 0}
		p.r = Reader{opt: r.opt, end: end, sections: r.sections, cur: r.cur, netlink: r.netlink, told: r.told}
		p.r.br = &BlockReader{opt: r.br.opt, format: r.br.format, e: r.br.e, started: true, pcap: r.br.pcap}
		p.r.br.pcap.haveLast = false // times may go back from part to part
		p.r.br.in = &window{src: io.NewSectionReader(in, begin, size-begin), off: begin}
		parts[i] = p
	}
	return parts
}

// Begin looks for where the part begins. room is for the part's use until its
// last frame was read; it is returned, larger maybe, for the next part.
func (p *Part) Begin(room []byte) error {
	if room == nil {
		room = make([]byte, partWindow)
	}
	br := p.r.br
	br.in.buf = room
	if !p.sure {
		br.lost = &capture.CorruptError{Offset: p.from}
		var found *capture.CorruptError
		if err := br.resync(); !errors.As(err, &found) {
			return err
		}
	}
	p.at = br.in.off
	return nil
}

// Next is as Reader.Next, but for f.Number, which counts from the part's start.
// Any error but io.EOF says that only a Reader can tell what is there.
func (p *Part) Next(f *capture.Frame) error { return p.r.Next(f) }

// Packets counts the packets so far, as f.Number does.
func (p *Part) Packets() int { return p.r.number }

// Room takes back what Begin was given.
func (p *Part) Room() []byte { return p.r.br.in.buf }

// Joined says whether parts that were read to their ends are the whole of what
// Parts has cut: each begins where the one before it ended.
func Joined(parts []*Part) bool {
	for i, p := range parts[1:] {
		if p.at != parts[i].r.br.in.off {
			return false
		}
	}
	last := parts[len(parts)-1].r
	return last.br.in.off == last.end
}
