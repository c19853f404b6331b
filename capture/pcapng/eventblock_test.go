package pcapng

import (
	"bytes"
	"io"
	"reflect"
	"testing"

	"github.com/nlsniff/nlsniff/capture"
)

// readEvents reads a file with its events. What frames point to is copied.
func readEvents(t testing.TB, file []byte) (list []capture.Frame) {
	t.Helper()
	r, err := NewReader(bytes.NewReader(file), Options{Events: true})
	if err != nil {
		t.Fatal(err)
	}
	for {
		var f capture.Frame
		if err := r.Next(&f); err == io.EOF {
			return list
		} else if err != nil {
			t.Fatal(err)
		}
		f.Data = bytes.Clone(f.Data)
		if f.Event != nil {
			e := *f.Event
			f.Event = &e
		}
		if f.Delivery != nil {
			d := *f.Delivery
			d.Receivers = append([]capture.Receiver(nil), d.Receivers...)
			f.Delivery = &d
		}
		list = append(list, f)
	}
}

var (
	someSocket = capture.Socket{FD: 3, PortID: 4711, Inode: 1 << 40, Options: capture.OptKnown | capture.OptExtAck}
	someone    = capture.Process{PID: 183, TID: 184, Comm: "ip", Exe: "/usr/sbin/ip", NetNS: 4026531840, UID: 1000, HasUID: true, Cgroup: "/user.slice"}
)

// TestEventsRoundTrip: events keep their place, and all they say; a reader that
// does not ask for them counts them and goes on.
func TestEventsRoundTrip(t *testing.T) {
	data := netlink('a', 5)
	frames := []capture.Frame{
		{Time: 1, Event: &capture.Event{Kind: capture.EventExec, Socket: capture.Socket{FD: -1}, Text: "/usr/sbin/ip"}, Process: someone},
		{Time: 2, Data: data, OrigLen: len(data), Dir: capture.DirToKernel, Process: someone,
			Delivery: &capture.Delivery{Socket: someSocket, Call: capture.CallSendMsg, Errno: -111, Peer: 5, Group: 7}},
		{Time: 3, Event: &capture.Event{Kind: capture.EventOverrun, HasProto: true, Proto: 16, Socket: someSocket, Value: 1 << 40}, Comment: "see \x1b"},
		{Time: 4, Data: data, OrigLen: len(data) + 1744, Dir: capture.DirFromKernel, Flags: capture.FlagTruncated | capture.FlagMsgTrunc,
			Delivery: &capture.Delivery{Socket: capture.Socket{FD: -1}, Call: capture.CallRecv, Buffer: 100, Lost: 1744, AtLeast: true,
				Receivers: []capture.Receiver{{Process: someone, Socket: someSocket, Group: 1}, {Process: capture.Process{PID: 9}, Overrun: true}}}},
		{Time: 5, Event: &capture.Event{Kind: capture.EventOption, HasProto: true, Socket: someSocket, Level: 270, Option: 11, Value: -1, Errno: -92,
			Group: 3, Call: capture.CallRead, Text: "text", Hint: "hint"}},
	}
	for order, e := range orders {
		t.Run(order, func(t *testing.T) {
			file, plain := roundTrip(t, e, frames...)
			got := readEvents(t, file)
			for i := range frames {
				frames[i].Number = i + 1
			}
			for i := range frames {
				if i >= len(got) || !reflect.DeepEqual(frames[i], got[i]) {
					t.Errorf("%d: %+v is read as %+v", i, frames[i], got)
				}
			}
			if len(plain) != 2 || plain[0].Number != 2 || plain[1].Number != 4 {
				t.Errorf("without events: %+v", plain)
			}
			// Read again in any order.
			x, damage, err := BuildIndex(bytes.NewReader(file), int64(len(file)))
			if err != nil || len(damage) > 0 || x.Len() != 2 {
				t.Errorf("%d frames in the index, %v, %v", x.Len(), damage, err)
			}
		})
	}
}

// TestEventUser: user 0 is told from nobody knows who, and what a later version
// appends is not taken for a user.
func TestEventUser(t *testing.T) {
	event := &capture.Event{Kind: capture.EventExec, Socket: capture.Socket{FD: -1}}
	for _, p := range []capture.Process{{PID: 1}, {PID: 1, HasUID: true}, {PID: 1, Cgroup: "/"}} {
		file, _ := roundTrip(t, little, capture.Frame{Event: event, Process: p})
		if got := readEvents(t, file); len(got) != 1 || got[0].Process != p {
			t.Errorf("%+v is read as %+v", p, got)
		}
	}
	file, _ := roundTrip(t, little, capture.Frame{Event: event, Process: someone})
	at := bytes.Index(file, []byte(frameOptionMagic)) + 89
	if file[at] != 1 {
		t.Fatalf("%d says that there is a user", file[at])
	}
	file[at] = 0
	if got := readEvents(t, file); len(got) != 1 || got[0].Process.HasUID || got[0].Process.Cgroup != "" {
		t.Errorf("%+v", got)
	}
}

// TestDeliveryComment: where a program has left out our option, its comment
// still tells.
func TestDeliveryComment(t *testing.T) {
	for _, d := range []capture.Delivery{
		{Socket: capture.Socket{FD: 3, PortID: 4711}, Call: capture.CallRecvMsg, Buffer: 100, Lost: 1744},
		{Socket: capture.Socket{FD: -1}, Call: capture.CallSend, Errno: -111, Peer: 5, Group: 7},
		{Socket: capture.Socket{FD: -1}, Receivers: []capture.Receiver{{Process: capture.Process{PID: 5, Comm: "ip"}, Socket: capture.Socket{FD: -1}},
			{Process: capture.Process{PID: 6}, Socket: capture.Socket{FD: -1}, Overrun: true}}},
		{Socket: capture.Socket{FD: 0}, Call: capture.CallReadV, Buffer: 10, Lost: 1, AtLeast: true},
	} {
		text := string(appendDeliveryText(nil, &d))
		var got capture.Delivery
		if ok := parseDelivery(text, &got); !ok || !reflect.DeepEqual(d, got) {
			t.Errorf("%s is read as %+v, %v", text, got, ok)
		}
	}
	for _, s := range []string{"call=", "call=recvmsg fd", "call=recvmsg fd=x", "call=recvmsg lost=+", "fd=3", "call=recvmsg who=me", "call= receiver=ip", "call= receiver=", "call=recvmsg fd=3 "} {
		if parseDelivery(s, &capture.Delivery{}) {
			t.Errorf("%q is read", s)
		}
	}
}

// FuzzEvents: whatever stands in an event or a delivery, reading it does not
// fail in more than an error, and what was read is written and read the same.
func FuzzEvents(f *testing.F) {
	file, _ := roundTrip(f, little, capture.Frame{Event: &capture.Event{Kind: capture.EventSocket, Text: "t"}, Process: someone},
		capture.Frame{Data: netlink('a', 5), Delivery: &capture.Delivery{Call: capture.CallSend, Receivers: []capture.Receiver{{Process: someone}}}})
	f.Add(file)
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := NewReader(bytes.NewReader(b), Options{Events: true})
		if err != nil {
			return
		}
		for {
			var fr capture.Frame
			err := r.Next(&fr)
			if err == io.EOF {
				return
			}
			if err != nil {
				if fr.Event == nil {
					return
				}
				continue
			}
			if fr.Event == nil {
				continue
			}
			var out bytes.Buffer
			w := NewWriter(&out, Section{})
			if fr.Interface != 0 {
				continue
			}
			want := *fr.Event
			if err := w.Write(&fr); err != nil || w.Close() != nil {
				t.Fatal(err)
			}
			again := readEvents(t, out.Bytes())
			if long := max(len(want.Text), len(want.Hint), len(fr.Process.Comm), len(fr.Process.Exe), len(fr.Comment)) > maxEventText; !long && (len(again) != 1 || *again[0].Event != want) {
				t.Errorf("%+v is read again as %+v", want, again)
			}
		}
	})
}
