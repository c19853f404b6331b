package filter

import (
	"math/big"
	"strconv"
	"strings"
	"time"

	"github.com/nlsniff/nlsniff/families"
)

// num is a number to compare with: an integer, and whether there is more
// behind its point.
type num struct {
	u    uint64 // two's complement if neg
	neg  bool
	frac bool // the number is between u and u+1
}

// cmp compares an integer with n.
func (n num) cmp(u uint64, neg bool) int {
	switch {
	case neg != n.neg:
		if neg {
			return -1
		}
		return 1
	case u < n.u:
		return -1
	case u > n.u:
		return 1
	case n.frac:
		return -1
	}
	return 0
}

// parseInt reads an integer in any base, as C writes it: 10, 0x0a, 012, 0b1010,
// with a sign.
func parseInt(s string) (num, bool) {
	neg := strings.HasPrefix(s, "-")
	u, err := strconv.ParseUint(strings.TrimPrefix(s, "-"), 0, 64)
	if err != nil || strings.Contains(s, "_") || neg && u > 1<<63 {
		return num{}, false
	}
	if neg && u > 0 {
		return num{u: -u, neg: true}, true
	}
	return num{u: u}, true
}

// decimal splits a number with a fraction from the unit behind it.
func decimal(s string) (*big.Rat, string, bool) {
	i := 0
	if i < len(s) && s[i] == '-' {
		i++
	}
	digits := i
	for i < len(s) && (s[i] >= '0' && s[i] <= '9' || s[i] == '.') {
		i++
	}
	if i == digits || i > 40 {
		return nil, "", false
	}
	r, ok := new(big.Rat).SetString(s[:i])
	return r, strings.TrimSpace(s[i:]), ok
}

// toNum cuts a number to what an integer can be compared with.
func toNum(r *big.Rat) (num, bool) {
	q, rem := new(big.Int).DivMod(r.Num(), r.Denom(), new(big.Int))
	frac := rem.Sign() != 0
	switch {
	case q.IsUint64():
		return num{u: q.Uint64(), frac: frac}, true
	case q.IsInt64():
		return num{u: uint64(q.Int64()), neg: true, frac: frac}, true
	}
	return num{}, false
}

// durations are the units of time in nanoseconds.
var durations = map[string]int64{
	"ns": 1, "us": 1e3, "µs": 1e3, "μs": 1e3, "ms": 1e6, "s": 1e9, "sec": 1e9, "m": 60e9, "min": 60e9, "h": 3600e9, "d": 86400e9,
}

// ticks are what the integers of a hint count, in nanoseconds.
var ticks = map[families.Hint]int64{
	families.HintNs: 1, families.HintUs: 1e3, families.HintMs: 1e6, families.HintSec: 1e9,
	families.HintClockT: 1e7, families.HintPsched: 64,
}

// sizes are the prefixes of bytes and bits.
var sizes = map[string]int64{
	"": 1, "k": 1e3, "K": 1e3, "M": 1e6, "G": 1e9, "T": 1e12,
	"Ki": 1 << 10, "Mi": 1 << 20, "Gi": 1 << 30, "Ti": 1 << 40, "ki": 1 << 10,
}

// factor says how many of a type's steps a unit is, as numerator and
// denominator.
func factor(t *families.Type, unit string) (mul, div int64, ok bool) {
	if tick, is := ticks[t.Hint]; is {
		ns, ok := durations[unit]
		return ns, tick, ok
	}
	if t.Unit != "" && strings.EqualFold(unit, t.Unit) {
		return int64(max(t.Scale, 1)), 1, true
	}
	var prefix string
	switch t.Hint {
	case families.HintBytes:
		prefix = strings.TrimSuffix(strings.TrimSuffix(unit, "ytes"), "B")
		prefix = strings.TrimSuffix(prefix, "b")
	case families.HintBps:
		prefix = strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(unit, "/s"), "ps"), "B")
	case families.HintBitps:
		prefix = strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(unit, "/s"), "ps"), "bit")
	case families.HintPercent:
		// handled by percent: it depends on the size
		return 0, 0, false
	default:
		return 0, 0, false
	}
	mul, ok = sizes[prefix]
	return mul, 1, ok
}

// withUnit reads a number with a unit that a type can have.
func withUnit(t *families.Type, s string) (num, bool) {
	r, unit, ok := decimal(s)
	if !ok || unit == "" && r.IsInt() {
		return num{}, false
	}
	if t.Hint == families.HintPercent && unit == "%" && t.Size > 0 && t.Size <= 8 {
		full := new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), uint(8*t.Size)), big.NewInt(1))
		return toNum(r.Mul(r, new(big.Rat).SetFrac(full, big.NewInt(100))))
	}
	if unit == "" { // a fraction of the field's own unit
		return toNum(r)
	}
	mul, div, ok := factor(t, unit)
	if !ok {
		return num{}, false
	}
	return toNum(r.Mul(r, big.NewRat(mul, div)))
}

// clocks are the ways to write a time.
var clocks = []string{
	time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05.999999999Z07:00", "2006-01-02 15:04:05.999999999",
	"2006-01-02T15:04", "2006-01-02 15:04", "2006-01-02", "Jan 2, 2006 15:04:05.999999999", "Jan 2, 2006 15:04:05.999999999 MST",
}

// parseTime reads a time as nanoseconds since the epoch. Without a zone it is
// in loc.
func parseTime(s string, loc *time.Location) (int64, bool) {
	for _, layout := range clocks {
		if t, err := time.ParseInLocation(layout, s, loc); err == nil && t.Year() > 1677 && t.Year() < 2262 {
			return t.UnixNano(), true
		}
	}
	return 0, false
}
