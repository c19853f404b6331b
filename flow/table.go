package flow

import "math/rand/v2"

// numbers is what exchanges are found by. portid is 0 for those whose socket
// is not known.
type numbers struct {
	section int
	seq     uint32
	portid  uint32
	proto   uint8
}

func (e *entry) numbers() numbers {
	return numbers{e.ex.Section, e.ex.Seq, e.ex.PortID, e.ex.Proto}
}

// table finds exchanges by their numbers. Its chains run through the entries,
// in the order in which they came; nothing is allocated but the buckets.
type table struct {
	buckets []bucket
	n       int
	seed    uint64 // so that nobody can choose numbers that collide
}

type bucket struct{ head, tail *entry }

func newTable() *table {
	return &table{buckets: make([]bucket, 256), seed: rand.Uint64()}
}

func (t *table) hash(k numbers) uint64 {
	x := uint64(k.seq) | uint64(k.portid)<<32
	x ^= t.seed ^ uint64(k.section)<<8 ^ uint64(k.proto)
	x *= 0x9e3779b97f4a7c15 // 2^64 divided by the golden ratio
	x ^= x >> 32
	x *= 0xd6e8feb86659fd93
	return x ^ x>>32
}

func (t *table) bucket(key uint64) *bucket { return &t.buckets[key&uint64(len(t.buckets)-1)] }

// add enters an exchange behind those with the same numbers.
func (t *table) add(e *entry) {
	if t.n >= 2*len(t.buckets) {
		t.grow()
	}
	e.among, e.key = t, t.hash(e.numbers())
	t.bucket(e.key).push(e)
	t.n++
}

func (b *bucket) push(e *entry) {
	e.inNumber = links{b.tail, nil}
	if b.tail != nil {
		b.tail.inNumber.next = e
	} else {
		b.head = e
	}
	b.tail = e
}

func (t *table) remove(e *entry) {
	b := t.bucket(e.key)
	k := e.inNumber
	if k.prev != nil {
		k.prev.inNumber.next = k.next
	} else {
		b.head = k.next
	}
	if k.next != nil {
		k.next.inNumber.prev = k.prev
	} else {
		b.tail = k.prev
	}
	e.inNumber, e.among = links{}, nil
	t.n--
}

func (t *table) grow() {
	old := t.buckets
	t.buckets = make([]bucket, 2*len(old))
	for i := range old {
		for e := old[i].head; e != nil; {
			next := e.inNumber.next
			t.bucket(e.key).push(e)
			e = next
		}
	}
}

// chain walks over the exchanges with certain numbers.
type chain struct {
	e      *entry
	key    uint64
	k      numbers
	newest bool // the newest first, else the oldest
}

// find starts a walk.
func (t *table) find(k numbers, newest bool) chain {
	c := chain{key: t.hash(k), k: k, newest: newest}
	b := t.bucket(c.key)
	if c.e = b.head; newest {
		c.e = b.tail
	}
	return c
}

// next returns the next exchange, nil at the end.
func (c *chain) next() *entry {
	for c.e != nil {
		e := c.e
		if c.newest {
			c.e = e.inNumber.prev
		} else {
			c.e = e.inNumber.next
		}
		if e.key == c.key && e.numbers() == c.k {
			return e
		}
	}
	return nil
}
