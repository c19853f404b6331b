package policy

import (
	"encoding/binary"
	"sync"

	"github.com/nlsniff/nlsniff/families"
)

// Bounds on what a Book remembers of a capture.
const (
	maxFamilies  = 256
	maxBookAttrs = 1 << 15
)

// Book collects what a capture tells of its families, so that those that
// nobody described can be described from the capture itself. Methods may be
// called from several goroutines.
type Book struct {
	mu       sync.Mutex
	families map[string]*Family
	attrs    int // of all policies
}

// Learn takes the attributes of a CTRL_CMD_NEWFAMILY or CTRL_CMD_GETPOLICY
// message about a family.
func (b *Book) Learn(name string, attrs []byte, order binary.ByteOrder) {
	b.mu.Lock()
	defer b.mu.Unlock()
	f := b.families[name]
	switch {
	case b.attrs >= maxBookAttrs || f == nil && len(b.families) >= maxFamilies:
		return
	case f == nil:
		if b.families == nil {
			b.families = map[string]*Family{}
		}
		f = &Family{}
		b.families[name] = f
	}
	before := f.attrs
	f.Learn(attrs, order)
	f.Name = name
	b.attrs += f.attrs - before
}

// Describe makes a description of a family that the capture told the policies
// of, else nil. Names are numbers: a capture has no enums.
func (b *Book) Describe(name string) *families.Family {
	b.mu.Lock()
	defer b.mu.Unlock()
	f := b.families[name]
	if f == nil || len(f.policies) == 0 {
		return nil
	}
	fam, err := f.Describe(nil)
	if err != nil {
		return nil
	}
	return fam
}
