package ebpf

import (
	"encoding/binary"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/nlsniff/nlsniff/capture"
)

// raw is a record as the kernel's side writes it.
func raw(kind uint32, id uint64, last bool, length, at int, portid, peer, group uint32, comm, data string) []byte {
	b := make([]byte, recordLen, recordLen+len(data)+5)
	e := binary.NativeEndian
	e.PutUint32(b, kind)
	e.PutUint32(b[4:], uint32(len(data)))
	e.PutUint64(b[8:], 100+id)
	e.PutUint64(b[16:], id)
	e.PutUint32(b[24:], uint32(length))
	e.PutUint32(b[28:], uint32(at))
	e.PutUint64(b[32:], uint64(portid)*10) // inode
	e.PutUint32(b[40:], portid)            // pid
	e.PutUint32(b[44:], portid)
	e.PutUint32(b[52:], portid)
	e.PutUint32(b[56:], 7) // netns
	e.PutUint32(b[60:], peer)
	e.PutUint32(b[64:], group)
	e.PutUint32(b[68:], 1<<6|1<<7) // EXT_ACK, STRICT_CHK
	if last {
		e.PutUint16(b[74:], flagLast)
	}
	copy(b[80:], comm)
	return append(append(b, data...), "~~~~~"...) // the rest of a reserved record
}

// frames feeds records to a queue and describes the frames that come out.
func frames(t *testing.T, records ...[]byte) (out []string) {
	t.Helper()
	q := newQueue(func(v uint64) int64 { return int64(v) }, func(uint64) (int, string) { return 3, "blue" })
	take := func() {
		for f := q.next(); f != nil; f = q.next() {
			if f.Event != nil {
				out = append(out, fmt.Sprintf("%s of %s, %d", f.Event.Kind, f.Process.Comm, f.Event.Value))
				continue
			}
			s := fmt.Sprintf("%d %s→%d by %s %q", f.Dir, f.Process.Comm, f.Delivery.Peer, f.Process.Comm, f.Data[capture.CookedLen:])
			for _, r := range f.Delivery.Receivers {
				s += " +" + r.Process.Comm
				if r.Overrun {
					s += "!"
				}
			}
			if f.Flags&capture.FlagTruncated != 0 {
				s += fmt.Sprintf(" of %d", f.OrigLen-capture.CookedLen)
			}
			if f.Interface != 3 || f.Namespace != "blue" || f.Process.NetNS != 7 {
				t.Errorf("%+v", f)
			}
			out = append(out, s)
		}
	}
	for _, b := range records {
		r, ok := readRecord(b)
		if !ok {
			t.Fatalf("no record: %x", b)
		}
		q.add(&r)
		take()
	}
	for q.waiting() {
		q.giveUp()
		take()
	}
	if len(q.open) > 0 {
		t.Errorf("%d are still open", len(q.open))
	}
	return out
}

func TestQueue(t *testing.T) {
	const to, from, user = toKernel, fromKernel, fromUser
	tests := []struct {
		name    string
		records [][]byte
		want    string
	}{
		{"a request and its answer", [][]byte{
			raw(to, 1, true, 2, 0, 5, 0, 0, "ip", "ab"), raw(from, 2, true, 3, 0, 5, 0, 0, "ip", "abc"),
		}, `1 ip→0 by ip "ab", 2 ip→0 by ip "abc"`},
		{"three receivers are one frame, and what comes meanwhile is behind it", [][]byte{
			raw(from, 1, false, 2, 0, 5, 0, 1, "a", "ab"), raw(to, 9, true, 1, 0, 4, 0, 0, "ip", "x"),
			raw(receiver, 1, false, 0, 0, 6, 0, 1, "b", ""), raw(receiver, 1, false, 0, 0, 7, 0, 1, "c", ""), raw(ended, 1, true, 0, 0, 0, 0, 0, "", ""),
		}, `2 a→0 by a "ab" +a +b +c, 1 ip→0 by ip "x"`},
		{"one had no room", [][]byte{
			raw(from, 1, false, 2, 0, 5, 0, 1, "a", "ab"), raw(missed, 1, false, 0, 0, 6, 0, 1, "b", ""), raw(ended, 1, true, 0, 0, 0, 0, 0, "", ""),
		}, `2 a→0 by a "ab" +a +b!`},
		{"nobody had", [][]byte{
			raw(from, 1, false, 2, 0, 5, 0, 1, "a", "ab"), raw(missed, 1, false, 0, 0, 5, 0, 1, "a", ""), raw(ended, 1, true, 0, 0, 0, 0, 0, "", ""),
		}, `2 a→0 by a "ab" +a!`},
		{"one process to another", [][]byte{
			raw(user, 1, false, 2, 0, 5, 6, 0, "a", "ab"), raw(receiver, 1, true, 0, 0, 6, 0, 0, "b", ""),
		}, `3 a→6 by a "ab" +b`},
		{"in pieces", [][]byte{
			raw(to, 1, false, 5, 0, 5, 0, 0, "ip", "ab"), raw(more, 1, false, 5, 2, 0, 0, 0, "", "cd"), raw(more, 1, true, 5, 4, 0, 0, 0, "", "e"),
		}, `1 ip→0 by ip "abcde"`},
		{"a piece is lost", [][]byte{
			raw(to, 1, false, 5, 0, 5, 0, 0, "ip", "ab"), raw(more, 1, true, 5, 4, 0, 0, 0, "", "e"),
		}, `1 ip→0 by ip "ab" of 5`},
		{"the end is lost", [][]byte{raw(from, 1, false, 1, 0, 5, 0, 1, "a", "x")}, `2 a→0 by a "x"`},
		{"the beginning is lost", [][]byte{raw(receiver, 1, false, 0, 0, 5, 0, 1, "a", ""), raw(ended, 1, true, 0, 0, 5, 0, 1, "a", "")}, ""},
		{"no room, and no multicast", [][]byte{raw(missed, 0, false, 0, 0, 5, 0, 0, "a", "")}, "overrun of a, 1"},
		{"closed, and closed when something was lost", [][]byte{
			raw(released, 0, false, 0, 0, 5, 0, 0, "a", ""), raw(released, 0, false, 2, 0, 5, 0, 0, "b", ""),
		}, "close of a, 1, close of b, 0"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := strings.Join(frames(t, tt.records...), ", "); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestRecord(t *testing.T) {
	b := raw(fromKernel, 3, true, 2, 0, 5, 0, 1, "sixteen letters!", "ab")
	binary.NativeEndian.PutUint32(b[48:], 1000)
	r, ok := readRecord(b)
	want := record{
		kind: fromKernel, last: true, time: 103, id: 3, length: 2, group: 1, data: []byte("ab"),
		process: capture.Process{PID: 5, TID: 5, NetNS: 7, Comm: "sixteen letters!", UID: 1000, HasUID: true},
		socket:  capture.Socket{FD: -1, PortID: 5, Inode: 50, Options: capture.OptKnown | capture.OptExtAck | capture.OptStrictChk},
	}
	if !ok || !reflect.DeepEqual(r, want) {
		t.Errorf("%+v\nwant %+v", r, want)
	}
	binary.NativeEndian.PutUint32(b[4:], 1000)
	for _, bad := range [][]byte{nil, b[:recordLen-1], b} {
		if _, ok := readRecord(bad); ok {
			t.Errorf("%d bytes are a record", len(bad))
		}
	}
}
