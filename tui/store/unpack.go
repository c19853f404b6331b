package store

import (
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"sync/atomic"

	"github.com/nlsniff/nlsniff/capture/pcapng"
)

// A file that is compressed, or no capture, has no random access, so its blocks are written to a
// temporary file, from which they are read meanwhile. The file has no name any
// more when the first byte is written: however the program ends, it is gone.

// unpack replaces the reader of such a file by one of what it unpacks
// to. r is the old one, which has read some of in.
func (s *Store) unpack(r *pcapng.Reader, in Input) (*file, *pcapng.Reader, error) {
	size := s.state.Size
	r.Close()
	if _, err := in.Seek(0, io.SeekStart); err != nil {
		return nil, nil, err
	}
	packed := &counter{r: in}
	blocks, err := pcapng.NewBlockReader(packed, pcapng.Options{Convert: s.opt.Convert})
	if err != nil {
		return nil, nil, err
	}
	tmp, err := os.CreateTemp("", "nlsniff-*.pcapng")
	if err != nil {
		return nil, nil, fmt.Errorf("no room for what the file holds: %w", err)
	}
	os.Remove(tmp.Name())
	g := newGrowing(tmp)
	s.closers = append(s.closers, func() { tmp.Close() })
	s.start(func() {
		defer blocks.Close()
		g.finish(s.copyBlocks(g, blocks))
	})
	s.progress = func() int64 { return packed.n.Load() }
	return s.openFile(g, tmp, size)
}

// copyBlocks writes what a block reader yields.
func (s *Store) copyBlocks(g *growing, blocks *pcapng.BlockReader) error {
	for !s.stopping() {
		b, err := blocks.Next()
		if err != nil {
			if goOn, err := s.trouble(err); !goOn {
				return err
			}
			continue
		}
		if err := g.write(b.Raw); err != nil {
			return err
		}
	}
	return nil
}

// counter counts what is read.
type counter struct {
	r io.Reader
	n atomic.Int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n.Add(int64(n))
	return n, err
}

// growing is a file that one goroutine writes and another reads to its end.
type growing struct {
	file *os.File
	mu   sync.Mutex
	more *sync.Cond
	buf  []byte
	size int64 // bytes in the file
	at   int64 // that were read
	done bool
	err  error
}

func newGrowing(f *os.File) *growing {
	g := &growing{file: f}
	g.more = sync.NewCond(&g.mu)
	return g
}

// write collects bytes and writes them when they are many.
func (g *growing) write(b []byte) error {
	g.buf = append(g.buf, b...)
	if len(g.buf) < 64<<10 && g.size > 0 {
		return nil
	}
	return g.flush()
}

func (g *growing) flush() error {
	n, err := g.file.Write(g.buf)
	g.buf = g.buf[:0]
	g.mu.Lock()
	g.size += int64(n)
	g.mu.Unlock()
	g.more.Broadcast()
	return err
}

func (g *growing) finish(err error) {
	err = errors.Join(err, g.flush())
	g.mu.Lock()
	g.done, g.err = true, err
	g.mu.Unlock()
	g.more.Broadcast()
}

// Read waits for bytes, and returns io.EOF or what stopped the writer behind
// the last.
func (g *growing) Read(p []byte) (int, error) {
	g.mu.Lock()
	for g.at == g.size && !g.done {
		g.more.Wait()
	}
	left, done, err := g.size-g.at, g.done, g.err
	g.mu.Unlock()
	if left == 0 {
		if done && err != nil {
			return 0, err
		}
		return 0, io.EOF
	}
	n, err := g.file.ReadAt(p[:min(int64(len(p)), left)], g.at)
	g.at += int64(n)
	return n, err
}
