package filter

import (
	"math/rand/v2"
	"testing"
)

// TestPairs compares pairs with the plain way, pair by pair.
func TestPairs(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	random := func() []value {
		v := make([]value, r.IntN(6))
		for i := range v {
			switch k := valueKind(r.IntN(4)); k {
			case valNum:
				v[i] = value{kind: k, num: uint64(r.IntN(3)), neg: r.IntN(8) == 0}
				if v[i].neg {
					v[i].num = -v[i].num - 1
				}
			default:
				v[i] = value{kind: k, b: []byte{'a' + byte(r.IntN(3))}}
			}
		}
		return v
	}
	for range 20000 {
		a, b := random(), random()
		for _, op := range []kind{tEq, tAllEq, tNe, tAnyNe, tLt, tLe, tGt, tGe} {
			any, every, some := false, true, false
			for i := range a {
				for j := range b {
					if c := orderPair(&a[i], &b[j]); c != skipping {
						hit := holds(op, c)
						any, every, some = any || hit, every && hit, true
					}
				}
			}
			x, y, z := pairs(op, append([]value(nil), a...), append([]value(nil), b...))
			if x != any || y != every || z != some {
				t.Fatalf("%v %d %v: %v %v %v, want %v %v %v", a, op, b, x, y, z, any, every, some)
			}
		}
	}
}

// TestPairsMany: two fields of many values each are compared in one go. Pair by
// pair it would be 10^11 steps, which no machine does within a test's time.
func TestPairsMany(t *testing.T) {
	a, b := make([]value, 300_000), make([]value, 300_000)
	for i := range a {
		a[i] = value{kind: valNum, num: uint64(2 * i)}
		b[i] = value{kind: valNum, num: uint64(2*i + 1)}
	}
	if any, every, some := pairs(tEq, a, b); any || every || !some {
		t.Errorf("%v %v %v", any, every, some)
	}
}
