package headercheck

import (
	"encoding/binary"
	"fmt"
	"math"
	"strings"
)

// Result is what became of the claims.
type Result struct {
	Checked int
	Absent  []*Claim // the other side has no such name
	Wrong   []Wrong
	Grown   []*Claim // structs that are longer than the other side's
	LeftOut []string // headers that do not compile
}

// Wrong is a claim that does not hold. Has is what the other side says.
type Wrong struct {
	*Claim
	Has string
}

func (w Wrong) String() string { return fmt.Sprintf("%v; the kernel says %s", w.Claim, w.Has) }

// Add joins two results.
func (r *Result) Add(o Result) {
	r.Checked += o.Checked
	r.Absent = append(r.Absent, o.Absent...)
	r.Wrong = append(r.Wrong, o.Wrong...)
	r.Grown = append(r.Grown, o.Grown...)
	r.LeftOut = append(r.LeftOut, o.LeftOut...)
}

// grow forgives structs that are longer than the other side's, an older
// kernel's, as long as the members are where they should be.
func (r *Result) grow(size map[*Claim]uint64) {
	moved := map[string]bool{}
	for _, w := range r.Wrong {
		if w.Kind == Member {
			moved[w.Name] = true
		}
	}
	kept := r.Wrong[:0]
	for _, w := range r.Wrong {
		if w.Kind == Size && size[w.Claim] < w.Value && !moved[w.Name] {
			r.Grown = append(r.Grown, w.Claim)
			continue
		}
		kept = append(kept, w)
	}
	r.Wrong = kept
}

// bigEndian are the names, by how they begin, of which linux/if_tunnel.h has
// some in network order. A description has a number as it is read.
var bigEndian = []string{"TUNNEL_", "GRE_"}

// swapped is c's value in network order where the headers may have it so, and
// c's value everywhere else.
func (c *Claim) swapped() uint64 {
	for _, p := range bigEndian {
		if strings.HasPrefix(c.Name, p) && c.Value <= math.MaxUint16 {
			var b [2]byte
			binary.BigEndian.PutUint16(b[:], uint16(c.Value))
			return uint64(binary.NativeEndian.Uint16(b[:]))
		}
	}
	return c.Value
}

// same compares a constant with what the other side has; a negative one has
// as many bits as the description gives it.
func same(v uint64, has int64) bool {
	return v == uint64(has) || has < 0 && (v == uint64(uint32(has)) || v == uint64(uint16(has)) || v == uint64(uint8(has)))
}
