package pcapng

import (
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
)

// Compression names how an input is packed.
type Compression string

// The compressions that are undone while reading.
const (
	Uncompressed Compression = ""
	Gzip         Compression = "gzip"
	Zstd         Compression = "zstd"
	LZ4          Compression = "lz4"
)

// zstdWindow is the largest zstd window accepted, in bytes. RFC 8878 section
// 3.1.1.1.2 recommends 8 MiB; a window is memory that a 20-byte header asks
// for, so a larger one is refused.
const zstdWindow = 8 << 20

// sniffCompression tells the compression from the first four bytes: a name
// says nothing about a pipe.
func sniffCompression(b []byte) Compression {
	switch {
	case b[0] == 0x1f && b[1] == 0x8b: // RFC 1952 section 2.3.1
		return Gzip
	case little.u32(b) == 0xfd2fb528: // RFC 8878 section 3.1.1
		return Zstd
	case little.u32(b) == 0x184d2204: // LZ4 frame format
		return LZ4
	}
	return Uncompressed
}

// decompressor undoes one layer of compression. It streams: what it holds
// does not depend on the size of what comes out.
type decompressor struct {
	io.Reader
	name  Compression
	close func()
	src   *window
}

func newDecompressor(c Compression, src *window) (*decompressor, error) {
	d := &decompressor{name: c, src: src, close: func() {}}
	switch c {
	case Gzip:
		z, err := gzip.NewReader(src)
		if err != nil {
			return nil, fmt.Errorf("%w: damaged gzip header: %w", ErrFormat, err)
		}
		d.Reader = z
	case Zstd:
		z, err := zstd.NewReader(src, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
			zstd.WithDecoderMaxWindow(zstdWindow))
		if err != nil {
			return nil, fmt.Errorf("%w: damaged zstd header: %w", ErrFormat, err)
		}
		d.Reader, d.close = z, z.Close
	case LZ4:
		d.Reader = lz4.NewReader(src)
	}
	return d, nil
}

// Read marks the decompressor's complaints about the data, so that they are
// told from an error of the input itself.
func (d *decompressor) Read(p []byte) (int, error) {
	n, err := d.Reader.Read(p)
	if err == nil || err == io.EOF {
		return n, err
	}
	if cause := d.src.err; cause != nil && cause != io.EOF {
		return n, cause
	}
	return n, &packedError{d.name, err}
}

// packedError is damage in compressed data.
type packedError struct {
	name Compression
	err  error
}

func (e *packedError) Error() string { return fmt.Sprintf("damaged %s data: %v", e.name, e.err) }
func (e *packedError) Unwrap() error { return e.err }
