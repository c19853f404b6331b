package pcapng

import (
	"bytes"
	"strings"
	"testing"

	"github.com/nlsniff/nlsniff/capture"
)

// roundTrip writes frames and reads them again.
func roundTrip(t testing.TB, e endian, frames ...capture.Frame) ([]byte, []capture.Frame) {
	t.Helper()
	var out bytes.Buffer
	w := NewWriter(&out, Section{Order: e.order()})
	for i := range frames {
		if err := w.Write(&frames[i]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes(), mustRead(t, out.Bytes())
}

func TestFrameOptionsRoundTrip(t *testing.T) {
	ip := capture.Process{PID: 183, TID: 184, Comm: "ip", Exe: "/usr/sbin/ip", NetNS: 4026531840}
	tests := map[string]capture.Frame{
		"nothing":               {},
		"to the kernel":         {Dir: capture.DirToKernel},
		"from the kernel":       {Dir: capture.DirFromKernel},
		"user to user":          {Dir: capture.DirUserToUser},
		"process":               {Process: ip},
		"all":                   {Process: ip, Dir: capture.DirToKernel, Comment: "look here", Flags: capture.FlagOverrun | capture.FlagMsgTrunc},
		"unknown flags":         {Flags: 0xf0},
		"truncated":             {OrigLen: 500, Flags: capture.FlagTruncated},
		"comment":               {Comment: "two\nlines, Straße \x1b[0m \xff"},
		"comment like ours":     {Comment: "pid=5 comm=x"},
		"own text as a comment": {Process: ip, Comment: string(appendProcess(nil, &ip))},
		"comment starts pid=":   {Process: ip, Comment: "pid=5 comm=x"},
		"odd names":             {Process: capture.Process{PID: 1, Comm: "\xff\x00 \"", Exe: "/a b/\n"}},
		"only a netns":          {Process: capture.Process{NetNS: 9}},
		"root":                  {Process: capture.Process{PID: 183, HasUID: true, Cgroup: "/user.slice/a b"}},
		"only a user":           {Process: capture.Process{HasUID: true, UID: 1000}},
		"users of receivers": {Process: ip, Delivery: &capture.Delivery{Socket: capture.Socket{FD: -1}, Receivers: []capture.Receiver{
			{Process: ip}, {Process: capture.Process{PID: 5, HasUID: true, UID: 7, Cgroup: "/x"}}}}},
	}
	for order, e := range orders {
		for name, f := range tests {
			t.Run(name+" "+order, func(t *testing.T) {
				f.Number, f.Data = 1, netlink('a', 5)
				f.OrigLen = max(f.OrigLen, len(f.Data))
				_, got := roundTrip(t, e, f)
				checkFrames(t, got, []capture.Frame{f})
			})
		}
	}
}

func TestLongNamesAreCut(t *testing.T) {
	f := capture.Frame{Number: 1, Data: netlink('a', 5), OrigLen: 21, Comment: strings.Repeat("c", 70000),
		Process: capture.Process{PID: 1, Comm: strings.Repeat("\x01", 70000), Exe: strings.Repeat("\x02", 70000)}}
	_, got := roundTrip(t, little, f)
	want := f
	want.Comment, want.Process.Comm, want.Process.Exe = f.Comment[:maxOption], f.Process.Comm[:maxComm], f.Process.Exe[:maxExe]
	checkFrames(t, got, []capture.Frame{want})
}

func TestReadFrameOptions(t *testing.T) {
	exact := func(p capture.Process, dir capture.Direction) Option {
		b := appendFrameOption(nil, little, &capture.Frame{Dir: dir}, &p)
		return Option{OptCustomBinary, b[4 : 4+int(little.u16(b[2:]))]}
	}
	text := func(s string) Option { return Option{OptComment, []byte(s)} }
	flags := func(v uint32) Option { return Option{OptPacketFlags, little.append32(nil, v)} }
	edit := func(o Option, at int, v byte) Option {
		o.Value = bytes.Clone(o.Value)
		o.Value[at] = v
		return o
	}
	ip := capture.Process{PID: 5, Comm: "ip"}
	tests := []struct {
		name    string
		options []Option
		want    capture.Frame
	}{
		{"comment alone", []Option{text("pid=5 comm=ip")}, capture.Frame{Process: ip}},
		{"comment of a person", []Option{text("pid=5 is it")}, capture.Frame{Comment: "pid=5 is it"}},
		{"both kinds", []Option{text("pid=5 comm=ip"), text("see"), text("here")}, capture.Frame{Process: ip, Comment: "see\nhere"}},
		{"only the first can be ours", []Option{text("see"), text("pid=5 comm=ip")}, capture.Frame{Comment: "see\npid=5 comm=ip"}},
		{"the structured one wins", []Option{text("pid=6 comm=ip"), text("x"), exact(ip, 0)}, capture.Frame{Process: ip, Comment: "pid=6 comm=ip\nx"}},
		{"of the directions too", []Option{exact(ip, capture.DirUserToUser), flags(1)}, capture.Frame{Process: ip, Dir: capture.DirUserToUser}},
		{"high flags", []Option{flags(0xfffffffd)}, capture.Frame{Dir: capture.DirFromKernel}},
		{"reserved direction", []Option{flags(3)}, capture.Frame{}},
		{"flags of a wrong size", []Option{{OptPacketFlags, []byte{1}}}, capture.Frame{}},
		{"magic of another", []Option{edit(exact(ip, 0), 4, 'N')}, capture.Frame{}},
		{"number of another", []Option{edit(exact(ip, 0), 0, 1)}, capture.Frame{}},
		{"version 0", []Option{edit(exact(ip, 0), 12, 0)}, capture.Frame{}},
		{"later version", []Option{edit(exact(ip, 0), 12, 2)}, capture.Frame{Process: ip}},
		{"name too long", []Option{edit(exact(ip, 0), 33, 1)}, capture.Frame{}},
		{"unknown direction", []Option{edit(exact(ip, 0), 13, 99)}, capture.Frame{Process: ip}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			frames := mustRead(t, (&builder{}).section().iface(253, 0).packet(0, 0, netlink('a', 1), tt.options...).b)
			tt.want.Number, tt.want.Data, tt.want.OrigLen = 1, netlink('a', 1), 17
			checkFrames(t, frames, []capture.Frame{tt.want})
		})
	}
}

// TestManyReceivers: an option has room for so many, and none of it is kept free for
// users that nobody knows.
func TestManyReceivers(t *testing.T) {
	for _, tt := range []struct {
		name string
		of   capture.Process
		size int // of a receiver
	}{
		{"without users", capture.Process{PID: 7}, receiverLen},
		{"with users", capture.Process{PID: 7, HasUID: true}, receiverLen + userHeadLen},
	} {
		f := capture.Frame{Number: 1, Data: netlink('a', 5), OrigLen: 21, Delivery: &capture.Delivery{Socket: capture.Socket{FD: -1}}}
		for range 2000 {
			f.Delivery.Receivers = append(f.Delivery.Receivers, capture.Receiver{Process: tt.of})
		}
		_, got := roundTrip(t, little, f)
		free := maxOption - frameOptionLen - deliveryLen
		if tt.of.HasUID {
			free -= userHeadLen
		}
		if n := len(got[0].Delivery.Receivers); n != free/tt.size {
			t.Errorf("%s: %d receivers, room for %d", tt.name, n, free/tt.size)
		}
	}
}

// TestManyComments: a frame can have any number of comments, of which so much is
// kept, and which are read in one go.
func TestManyComments(t *testing.T) {
	for _, size := range []int{1, 60_000} {
		var options []byte
		for range 60_000_000 / (size + 200) {
			options = appendText(options, little, OptComment, strings.Repeat("c", size))
		}
		var f capture.Frame
		var kept keeper
		if n := testing.AllocsPerRun(1, func() { readFrameOptions(&f, &optionList{rest: options, e: little}, &kept) }); n > 40 {
			t.Errorf("%d bytes each: %v allocations", size, n)
		}
		if len(f.Comment) != maxComment {
			t.Errorf("%d bytes each: %d bytes are kept", size, len(f.Comment))
		}
	}
}
