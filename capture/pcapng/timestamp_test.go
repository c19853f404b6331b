package pcapng

import (
	"math"
	mathbig "math/big"
	"testing"
)

func TestNanos(t *testing.T) {
	const max, min = math.MaxInt64, math.MinInt64
	tests := []struct {
		tsresol uint8
		offset  int64
		ticks   uint64
		want    int64
	}{
		{9, 0, 1_700_000_000_123_456_789, 1_700_000_000_123_456_789},
		{9, 0, math.MaxUint64, max},
		{6, 0, 1_700_000_000_123_456, 1_700_000_000_123_456_000},
		{6, 0, math.MaxUint64, max},
		{0, 0, 7, 7_000_000_000},
		{0, 0, math.MaxUint64, max},
		{12, 0, 5_000, 5},
		{27, 0, math.MaxUint64, 18},
		{28, 0, math.MaxUint64, 1},
		{29, 0, math.MaxUint64, 0},
		{127, 0, math.MaxUint64, 0},
		{0x80, 0, 3, 3_000_000_000},
		{0x81, 0, 3, 1_500_000_000},
		{0x80 + 20, 0, 1<<20 + 1<<19, 1_500_000_000},
		{0x80 + 32, 0, 3<<32 + 1<<31, 3_500_000_000},
		{0x80 + 63, 0, 1 << 63, 1_000_000_000},
		{0x80 + 64, 0, 1 << 63, 500_000_000},
		{0x80 + 65, 0, 1 << 63, 250_000_000},
		{0x80 + 93, 0, math.MaxUint64, 1},
		{0xff, 0, math.MaxUint64, 0},
		{9, 5, 1, 5_000_000_001},
		{9, -5, 1, -4_999_999_999},
		{9, math.MaxInt64, 1_000_000_000, max},
		{9, math.MinInt64, 0, -9_223_372_036_000_000_000},
		{9, 9_223_372_036, math.MaxInt64, max},
		{6, -1, 0, -1_000_000_000},
	}
	for _, tt := range tests {
		r := newResolution(tt.tsresol, tt.offset)
		if got := r.nanos(tt.ticks); got != tt.want {
			t.Errorf("resolution 0x%02x, offset %d: %d ticks are %d ns, want %d", tt.tsresol, tt.offset, tt.ticks, got, tt.want)
		}
	}
	if got := addSaturated(min, -1); got != min {
		t.Errorf("lower end: %d", got)
	}
}

// TestNanosAgainstBig compares every resolution with arithmetic that cannot
// overflow.
func TestNanosAgainstBig(t *testing.T) {
	for code := range 256 {
		r := newResolution(uint8(code), 0)
		base, n := int64(10), code
		if code >= 0x80 {
			base, n = 2, code-0x80
		}
		unit := new(mathbig.Int).Exp(mathbig.NewInt(base), mathbig.NewInt(int64(n)), nil)
		for _, ticks := range []uint64{0, 1, 999, 1 << 31, 1_700_000_000_123_456, 1<<63 - 1, 1 << 63, math.MaxUint64} {
			want := new(mathbig.Int).SetUint64(ticks)
			want.Mul(want, mathbig.NewInt(nanosPerSecond)).Quo(want, unit)
			if !want.IsInt64() {
				want.SetInt64(math.MaxInt64)
			}
			if got := r.nanos(ticks); got != want.Int64() {
				t.Errorf("resolution 0x%02x: %d ticks are %d ns, want %d", code, ticks, got, want)
			}
			if back, ok := r.ticks(r.nanos(ticks)); ok && want.Int64() != math.MaxInt64 && r.nanos(back) != want.Int64() {
				t.Errorf("resolution 0x%02x: %d ns became %d ticks", code, want, back)
			}
		}
	}
}

func TestTicks(t *testing.T) {
	tests := []struct {
		tsresol uint8
		offset  int64
		ns      int64
		want    uint64
		ok      bool
	}{
		{9, 0, 1_700_000_000_123_456_789, 1_700_000_000_123_456_789, true},
		{6, 0, 5_000, 5, true},
		{6, 0, 5_001, 0, false},
		{12, 0, 5, 0, false},
		{0x80, 0, 0, 0, false},
		{9, 1, 0, 0, false},
		{9, 0, -1, 0, false},
		{127, 0, 0, 0, false},
	}
	for _, tt := range tests {
		r := newResolution(tt.tsresol, tt.offset)
		if got, ok := r.ticks(tt.ns); ok != tt.ok || ok && got != tt.want {
			t.Errorf("resolution 0x%02x: %d ns are %d ticks, %v", tt.tsresol, tt.ns, got, ok)
		}
	}
}
