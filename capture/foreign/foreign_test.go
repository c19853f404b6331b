package foreign

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/capture/pcapng"
)

// outcome is what reading an input came to.
type outcome struct {
	frames []capture.Frame
	damage []*capture.CorruptError
	err    error
}

// read reads an input as the program does: through a pcapng reader.
func read(t testing.TB, in io.Reader, o Options) (out outcome) {
	t.Helper()
	r, err := pcapng.NewReader(in, pcapng.Options{Events: true, Convert: o.Convert})
	if err != nil {
		return outcome{err: err}
	}
	defer r.Close()
	if r.Direct() {
		t.Error("what is converted cannot be read again where it stands")
	}
	for {
		var f capture.Frame
		var damage *capture.CorruptError
		switch err := r.Next(&f); {
		case err == io.EOF:
			return out
		case errors.As(err, &damage):
			out.damage = append(out.damage, damage)
		case err != nil:
			out.err = err
			return out
		default:
			f.Data = bytes.Clone(f.Data)
			if f.Event != nil {
				e := *f.Event
				f.Event = &e
			}
			if f.Delivery != nil {
				d := *f.Delivery
				f.Delivery = &d
			}
			out.frames = append(out.frames, f)
		}
	}
}

func sample(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// describe writes a frame as the tables below have it.
func describe(f *capture.Frame) string {
	var s strings.Builder
	fmt.Fprintf(&s, "%d.%06d", f.Time/1e9, f.Time/1e3%1e6)
	if p := f.Process; p.PID != 0 || p.Comm != "" {
		fmt.Fprintf(&s, " %s[%d]", p.Comm, p.PID)
	}
	if f.Event != nil {
		fmt.Fprintf(&s, " %v %v %s", f.Event.Kind, f.Event.Call, capture.ErrnoName(f.Event.Errno))
		return s.String()
	}
	s.WriteString([...]string{" ?", " >", " <", " ="}[f.Dir])
	fmt.Fprintf(&s, " proto %d", f.Data[capture.CookedLen-1])
	if d := f.Delivery; d != nil {
		fmt.Fprintf(&s, " %v fd %d portid %d", d.Call, d.Socket.FD, d.Socket.PortID)
		if d.Lost > 0 {
			fmt.Fprintf(&s, " lost %d of %d", d.Lost, f.OrigLen-capture.CookedLen)
		}
	}
	b := f.Data[capture.CookedLen:]
	e, ok := beginsMessage(b)
	if !ok {
		e = binary.LittleEndian
	}
	if len(b) >= hdrLen {
		fmt.Fprintf(&s, " len %d type %d flags %x seq %d", e.Uint32(b), e.Uint16(b[4:]), e.Uint16(b[6:]), e.Uint32(b[8:]))
	}
	if f.OrigLen != len(f.Data) {
		fmt.Fprintf(&s, " has %d of %d", len(b), f.OrigLen-capture.CookedLen)
	}
	return s.String()
}

// TestSamples reads what the tools wrote.
func TestSamples(t *testing.T) {
	tests := []struct {
		file   string
		frames int
		first  []string
		damage string
	}{
		{"rtmon2.bin", 22, []string{
			"1795861795.916575 < proto 0 len 1468 type 16 flags 2 seq 1795861796",
			"1795861796.323265 < proto 0 len 1468 type 16 flags 0 seq 0",
			"1795861796.323282 < proto 0 len 76 type 20 flags 0 seq 0",
		}, ""},
		{"addr.save", 3, []string{"0.000000 < proto 0 len 76 type 20 flags 2 seq 1795861799"}, ""},
		{"routes.save", 8, []string{"0.000000 < proto 0 len 52 type 24 flags 22 seq 1795861799"}, ""},
		{"rule.save", 3, []string{"0.000000 < proto 0 len 52 type 32 flags 2 seq 1795861635"}, ""},
		{"raw.bin", 1, []string{"0.000000 ? proto 0 len 48 type 16 flags 5 seq 7"}, "4 bytes behind the last message are none at offset 48"},
		{"strace-dumps-ip.txt", 4, []string{
			"1795861634.462427 > proto 0 sendto fd 3 portid 29997 len 32 type 16 flags 5 seq 0",
			"1795861634.462531 < proto 0 recvmsg fd 3 portid 29997 len 52 type 2 flags 0 seq 0",
			"1795861634.462863 > proto 0 sendmsg fd 3 portid 29997 len 56 type 16 flags 605 seq 1795861635",
			"1795861634.463059 < proto 0 recvmsg fd 3 portid 29997 len 100 type 2 flags 200 seq 1795861635",
		}, ""},
		{"strace-dumps-nft.txt", 5, []string{
			"1795863056.985134 [20710] > proto 12 sendto fd 3 portid 0 len 20 type 2576 flags 1 seq 0",
			"1795863056.985282 [20710] < proto 12 recvmsg fd 3 portid 20710 len 44 type 2575 flags 0 seq 0",
		}, ""},
		{"strace-dumps-ethtool.txt", 14, []string{
			"1795863063.395305 [20918] > proto 16 sendto fd 3 portid 20918 len 32 type 16 flags 5 seq 1",
		}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.file, func(t *testing.T) {
			out := read(t, bytes.NewReader(sample(t, tt.file)), Options{})
			if out.err != nil {
				t.Fatal(out.err)
			}
			if len(out.frames) != tt.frames {
				t.Errorf("%d frames, not %d", len(out.frames), tt.frames)
			}
			for i, want := range tt.first {
				if i < len(out.frames) && describe(&out.frames[i]) != want {
					t.Errorf("frame %d: %s\nwant     %s", i+1, describe(&out.frames[i]), want)
				}
			}
			var damage []string
			for _, d := range out.damage {
				damage = append(damage, d.Error())
			}
			if got := strings.Join(damage, "; "); got != tt.damage {
				t.Errorf("damage %q, want %q", got, tt.damage)
			}
		})
	}
}

// TestRefused has what tells too little, and what is nothing of ours.
func TestRefused(t *testing.T) {
	tests := []struct{ name, in, err string }{
		{"nft", string(sample(t, "nft-debug-mnl.txt")), "what nft --debug=mnl and other users of libmnl print leaves out most flags of a message"},
		{"libnl", "-- Debug: Sent Message:\n--------------------------   BEGIN NETLINK MESSAGE ---------------------------\n", "what NLCB=debug has libnl print leaves out flags of attributes"},
		{"no dumps", string(sample(t, "strace-no-dumps.txt")), "strace printed no dumps of what 4 netlink calls sent or received"},
		{"no netlink", "read(3, \"\\177ELF\"..., 832) = 832\nclose(3)                                = 0\n", "strace saw no netlink socket"},
		{"no call at all", "17:25:35.610772 --- SIGCHLD {si_signo=SIGCHLD, si_code=CLD_EXITED} ---\n > /usr/bin/dash() [0xbcc0]\n17:25:35.611 +++ exited with 0 +++\n", "strace saw no netlink socket"},
		{"nothing sent", "socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE) = 3\nclose(3)                                = 0\n", "nothing was sent or received on the netlink sockets that strace saw"},
		{"words", "0000000 0020 0000 0010 0005 0000 0000 0000 0000\n0000010\n", "the dump is in words, octal, decimal or characters, which do not tell for sure what bytes stood where"},
		{"octal", "0000000 000040 000000 000020 000005 000000 000000 000000 000000\n0000020\n", "the dump is in words, octal, decimal or characters, which do not tell for sure what bytes stood where"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			out := read(t, strings.NewReader(tt.in), Options{})
			var refused *RefusedError
			if !errors.As(out.err, &refused) || refused.What != tt.err || refused.Hint == "" || len(out.frames) > 0 {
				t.Errorf("%d frames, %v", len(out.frames), out.err)
			}
		})
	}
	for name, in := range map[string]string{
		"prose": "A line of text, and another: added 12 34 be ad.\n", "code": "int main(void) { return x & 0x10; }\n", "binary": "\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00",
		"zeros": strings.Repeat("\x00", 100), "hash": "commit 5dc682d0b1c2d3e4f5061728394a5b6c7d8e9f00\n",
		"ethernet": "0000  ff ff ff ff ff ff 02 42 ac 11 00 02 08 06 00 01   .......B........\n",
	} {
		if out := read(t, strings.NewReader(in), Options{}); !errors.Is(out.err, pcapng.ErrFormat) {
			t.Errorf("%s: %d frames, %v", name, len(out.frames), out.err)
		}
	}
	if out := read(t, strings.NewReader(""), Options{}); out.err != pcapng.ErrEmpty {
		t.Errorf("empty: %v", out.err)
	}
}
