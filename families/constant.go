package families

import (
	"math"
	"strconv"
	"strings"
)

// maxAliases bounds how many names stand for one another until there is a
// number.
const maxAliases = 16

// constant resolves a number or the name of an enum value.
func (p *parser) constant(s string) (uint64, bool) { return p.resolve(s, 0) }

func (p *parser) resolve(s string, depth int) (uint64, bool) {
	if v, ok := literal(s); ok {
		return v, true
	}
	if v, ok := p.fam.consts[s]; ok {
		return v, true
	}
	if word, ok := p.values[s]; ok && depth < maxAliases { // its enum comes later
		if v, ok := p.resolve(word, depth+1); ok {
			p.fam.consts[s] = v
			return v, true
		}
	}
	for _, f := range p.use {
		if v, ok := f.consts[s]; ok {
			return v, true
		}
	}
	return 0, false
}

// literal reads a number: decimal, hex, negative, 1<<5.
func literal(s string) (uint64, bool) {
	if s == "" || s[0] != '-' && (s[0] < '0' || s[0] > '9') {
		return 0, false
	}
	if s[0] == '-' {
		v, err := strconv.ParseInt(s, 0, 64)
		return uint64(v), err == nil
	}
	if a, b, ok := strings.Cut(s, "<<"); ok {
		x, err1 := strconv.ParseUint(a, 0, 64)
		n, err2 := strconv.ParseUint(b, 0, 8)
		return x << n, err1 == nil && err2 == nil && n < 64 && x<<n>>n == x
	}
	v, err := strconv.ParseUint(s, 0, 64)
	return v, err == nil
}

// number is a value of so many bits. A negative one is its two's complement.
func (p *parser) number(s string, bits int) (uint64, error) {
	v, ok := p.constant(s)
	mask := uint64(math.MaxUint64) >> (64 - bits)
	switch {
	case ok && v <= mask:
		return v, nil
	case ok && (s[0] < '0' || s[0] > '9') && int64(v) < 0 && int64(v) >= -1<<(bits-1):
		return v & mask, nil
	}
	return 0, p.fail("bad number %s", clip(s))
}

// count is a number of things, or an id: not negative and at most limit.
func (p *parser) count(s string, limit uint64) (uint64, error) {
	v, ok := p.constant(s)
	if !ok || v > limit {
		return 0, p.fail("bad number %s", clip(s))
	}
	return v, nil
}

// gather notes what every name stands for, so that it can be used before its
// enum is read. The first one counts.
func (p *parser) gather(blocks []block) {
	isEnum := func(b *block) bool {
		k := b.words[0]
		return k == "enum" || k == "numbers" || k == "flags"
	}
	n := 0
	for i := range blocks {
		if isEnum(&blocks[i]) {
			n += len(blocks[i].body)
		}
	}
	p.values = map[string]string{}
	p.fam.consts = make(map[string]uint64, n)
	for i := range blocks {
		if !isEnum(&blocks[i]) {
			continue
		}
		for _, l := range blocks[i].body {
			if len(l.words) < 2 {
				continue
			}
			name := l.words[1]
			if _, ok := p.fam.consts[name]; ok {
				continue
			}
			if _, ok := p.values[name]; ok {
				continue
			}
			if v, ok := literal(l.words[0]); ok {
				p.fam.consts[name] = v
			} else {
				p.values[name] = l.words[0] // another name
			}
		}
	}
}

// constants lists the values of a family that was put together by hand.
func (f *Family) constants() {
	f.consts = map[string]uint64{}
	for _, name := range sortedKeys(f.Enums) {
		e := f.Enums[name]
		if e.Kind == EnumBits {
			continue
		}
		for _, x := range e.Entries {
			if _, ok := f.consts[x.Name]; !ok {
				f.consts[x.Name] = x.Value
			}
		}
	}
}
