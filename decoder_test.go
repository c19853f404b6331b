package nlsniff_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/nlsniff/nlsniff"
	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/capture/pcapng"
	"github.com/nlsniff/nlsniff/dissect/layers"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/internal/invariant"
	"github.com/nlsniff/nlsniff/internal/pcaptest"
)

func decoder(t testing.TB, o ...nlsniff.Option) *nlsniff.Decoder {
	t.Helper()
	d, err := nlsniff.NewDecoder(o...)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// message is one nlmsghdr with what follows it, little-endian.
func message(typ, flags uint16, body ...byte) []byte {
	b := binary.LittleEndian.AppendUint32(nil, uint32(16+len(body)))
	b = binary.LittleEndian.AppendUint16(b, typ)
	b = binary.LittleEndian.AppendUint16(b, flags)
	b = binary.LittleEndian.AppendUint32(b, 1)
	b = binary.LittleEndian.AppendUint32(b, 7)
	return append(b, body...)
}

func attr(typ uint16, value ...byte) []byte {
	b := binary.LittleEndian.AppendUint16(nil, uint16(4+len(value)))
	b = binary.LittleEndian.AppendUint16(b, typ)
	b = append(b, value...)
	for len(b)%4 != 0 {
		b = append(b, 0)
	}
	return b
}

// TestAny: each kind of value has its Go type.
func TestAny(t *testing.T) {
	addr := append([]byte{2, 24, 0, 0, 3, 0, 0, 0}, attr(1, 192, 0, 2, 1)...)       // IFA_ADDRESS
	addr = append(addr, attr(3, []byte("eth0\x00")...)...)                          // IFA_LABEL
	addr = append(addr, attr(6, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4, 0, 0, 0)...) // IFA_CACHEINFO
	addr = append(addr, attr(9, 5, 0)...)                                           // IFA_RT_PRIORITY, too short
	addr = append(addr, attr(8, 0x80, 0, 0, 0)...)                                  // IFA_FLAGS
	d := decoder(t)
	m := &d.Bytes(nlsniff.ProtoRoute, nlsniff.ToKernel, message(20, 5, addr...)).Messages[0]
	for path, want := range map[string]any{
		"IFA_ADDRESS":     netip.MustParseAddr("192.0.2.1"),
		"address":         netip.MustParseAddr("192.0.2.1"),
		"IFA_LABEL":       "eth0",
		"IFA_RT_PRIORITY": []byte{5, 0},
		"IFA_FLAGS":       uint64(0x80),
		"IFA_BROADCAST":   nil,
	} {
		if got := m.Attr(path).Any(); !reflect.DeepEqual(got, want) {
			t.Errorf("%s is %#v, want %#v", path, got, want)
		}
	}
	if list, ok := m.Attr("IFA_CACHEINFO").Any().([]nlsniff.Value); !ok || len(list) == 0 || list[0].Attr("x").Exists() {
		t.Errorf("IFA_CACHEINFO is %#v", m.Attr("IFA_CACHEINFO").Any())
	}
	if got := m.Header("ifa_index").Any(); got != uint64(3) {
		t.Errorf("ifa_index is %#v", got)
	}
	var none nlsniff.Message
	if none.Err() != nil || none.Attr("x").Any() != nil || none.Name() != "" || none.String() != "" || none.Reason() != "" || none.Header("y").Exists() {
		t.Error("the zero Message is not safe")
	}
}

// TestSecret: key material has its own type, whose text hides it.
func TestSecret(t *testing.T) {
	key := bytes.Repeat([]byte{0x5a}, 32)
	d := decoder(t, nlsniff.WithFamily(40, "wireguard"))
	f := d.Bytes(nlsniff.ProtoGeneric, nlsniff.ToKernel, message(40, 5, append([]byte{1, 1, 0, 0}, attr(3, key...)...)...))
	s, ok := f.Messages[0].Attr("WGDEVICE_A_PRIVATE_KEY").Any().(nlsniff.Secret)
	if !ok || !bytes.Equal(s.Bytes(), key) || s.String() != "<hidden>" {
		t.Fatalf("it is %#v", f.Messages[0].Attr("WGDEVICE_A_PRIVATE_KEY").Any())
	}
	text := f.String() + f.Text() + string(f.AppendJSON(nil)) + f.Messages[0].String()
	if strings.Contains(text, "ZZZZ") || strings.Contains(text, "5a5a") || strings.Contains(text, "WlpaWl") {
		t.Errorf("the key is in %s", text)
	}
}

// TestErr: an error unwraps to its number, and knows where the kernel points.
func TestErr(t *testing.T) {
	request := message(16, 0x405, append(make([]byte, 16), attr(3, []byte("d0\x00")...)...)...)
	d := decoder(t)
	refused := func(code int32, flags uint16, rest ...byte) error {
		body := binary.LittleEndian.AppendUint32(nil, uint32(code))
		f := d.Bytes(nlsniff.ProtoRoute, nlsniff.FromKernel, message(2, flags, append(body, rest...)...))
		if len(f.Messages) != 1 {
			t.Fatalf("%d messages", len(f.Messages))
		}
		return f.Messages[0].Err()
	}
	tlvs := append(bytes.Clone(request), attr(1, []byte("no such thing\x00")...)...)
	tlvs = append(tlvs, attr(2, 32, 0, 0, 0)...) // NLMSGERR_ATTR_OFFS
	err := refused(-22, 0x200, tlvs...)
	var e *nlsniff.Error
	if !errors.Is(err, syscall.EINVAL) || !errors.As(err, &e) || e.Text != "no such thing" || e.Attr != "IFLA_IFNAME" ||
		e.Operation != "RTM_NEWLINK" || e.Request.Attr(e.Attr).Text() != "d0" {
		t.Errorf("%v: %+v", err, e)
	}
	if want := "RTM_NEWLINK: EINVAL: no such thing at IFLA_IFNAME"; err.Error() != want {
		t.Errorf("%q, want %q", err, want)
	}
	// A capped error is about a request that the decoder has seen.
	d.Bytes(nlsniff.ProtoRoute, nlsniff.ToKernel, request)
	err = refused(-17, 0x100, request[:16]...)
	if !errors.As(err, &e) || e.Operation != "RTM_NEWLINK" || !strings.Contains(e.Request.String(), "d0") {
		t.Errorf("%v: %+v", err, e)
	}
	if err := refused(0, 0x100, request[:16]...); err != nil {
		t.Errorf("an ACK is %v", err)
	}
	if err := refused(-9999, 0x100, request[:16]...); err == nil || !strings.Contains(err.Error(), "9999") {
		t.Errorf("%v", err)
	}
}

func TestOptions(t *testing.T) {
	for name, o := range map[string]nlsniff.Option{
		"spec": nlsniff.WithSpec("x.spec", "nonsense"), "ynl": nlsniff.WithYNL("nothing/there.yaml"),
		"name": nlsniff.WithFamily(20, "a name that is too long"), "id": nlsniff.WithFamily(3, "low"),
	} {
		if _, err := nlsniff.NewDecoder(o); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	_, err := nlsniff.NewDecoder(nlsniff.WithSpec("x.spec", "family x\nnonsense"))
	var wrong *families.SpecError
	if !errors.As(err, &wrong) || wrong.File != "x.spec" || wrong.Line != 2 {
		t.Errorf("%v: %+v", err, wrong)
	}
	b := message(16, 5, make([]byte, 16)...)
	binary.BigEndian.PutUint32(b, 32)
	binary.BigEndian.PutUint16(b[4:], 16)
	m := decoder(t, nlsniff.WithByteOrder(binary.BigEndian)).Bytes(0, nlsniff.ToKernel, b).Messages
	if len(m) != 1 || m[0].Name() != "RTM_NEWLINK" {
		t.Errorf("big-endian: %v", m)
	}
}

// TestBadBytes: whatever the bytes are, they are decoded, each once.
func TestBadBytes(t *testing.T) {
	d := decoder(t)
	for _, b := range [][]byte{nil, {1}, make([]byte, 15), bytes.Repeat([]byte{0xff}, 64), message(16, 5), message(2, 0, 1, 2)} {
		f := d.Bytes(nlsniff.ProtoRoute, nlsniff.Unknown, b)
		if err := invariant.Check(f.Tree()); err != nil {
			t.Errorf("% x: %v", b, err)
		}
		_, _, _ = f.String(), f.Text(), f.AppendJSON(nil)
		for i := range f.Messages {
			_, _ = f.Messages[i].Err(), f.Messages[i].String()
		}
	}
}

// TestOwned: what was decoded stays, whatever is decoded later and wherever
// else the bytes go, and may be looked at beside that.
func TestOwned(t *testing.T) {
	d := decoder(t)
	raw := message(16, 5, append(make([]byte, 16), attr(3, []byte("first\x00")...)...)...)
	f := d.Bytes(0, nlsniff.ToKernel, raw)
	want := f.Text()
	var wg sync.WaitGroup
	for i := range 4 {
		b := bytes.Clone(raw)
		b[36] = byte('a' + i)
		wg.Add(1)
		go func() {
			defer wg.Done()
			for range 50 {
				d.Bytes(0, nlsniff.ToKernel, b)
				if f.Text() != want {
					t.Error("it changed")
				}
			}
		}()
	}
	for i := range raw {
		raw[i] = 0xff
	}
	wg.Wait()
	if f.Text() != want {
		t.Errorf("it changed to %s", f.Text())
	}
}

// TestForeignFilter: a filter holds for messages of other descriptions than its
// own: another decoder's, gopacket's, and one with a family that it lacks.
func TestForeignFilter(t *testing.T) {
	raw := message(16, 5, append(make([]byte, 16), attr(3, []byte("d0\x00")...)...)...)
	for expr, want := range map[string]bool{
		`netlink-route.ifla_ifname == "d0"`: true, `IFLA_IFNAME == "d1"`: false, `op == RTM_NEWLINK`: true, `nlmsg_seq == 2`: false,
	} {
		filter, err := nlsniff.NewFilter(expr)
		if err != nil {
			t.Errorf("%s: %v", expr, err)
			continue
		}
		f := decoder(t).Bytes(0, nlsniff.ToKernel, raw)
		if got := filter.Match(&f.Messages[0]); got != want || filter.MatchFrame(f) != want {
			t.Errorf("decoder: %s is %v", expr, got)
		}
		var n layers.Netlink
		if err := n.DecodeFromBytes(f.Data, feedback{}); err != nil {
			t.Fatal(err)
		}
		if got := filter.Match(&n.Messages[0]); got != want {
			t.Errorf("gopacket: %s is %v", expr, got)
		}
	}
	d := decoder(t, nlsniff.WithSpec("lamp.spec", lampSpec), nlsniff.WithFamily(40, "lamp"))
	lamp := d.Bytes(nlsniff.ProtoGeneric, nlsniff.ToKernel, message(40, 1, append([]byte{1, 1, 0, 0}, attr(1, 9, 0, 0, 0)...)...))
	filter, err := d.Filter(`LAMP_A_BRIGHTNESS == 9`)
	if err != nil {
		t.Fatal(err)
	}
	link := decoder(t).Bytes(0, nlsniff.ToKernel, raw)
	for range 2 {
		if filter.Match(&link.Messages[0]) || !filter.Match(&lamp.Messages[0]) {
			t.Error("a filter for a family that others lack")
		}
	}
}

type feedback struct{}

func (feedback) SetTruncated() {}

// TestCaptures: every capture has the lines, trees and JSON that the dissector's
// own users print, and a frame written again is the same frame.
func TestCaptures(t *testing.T) {
	files, err := filepath.Glob("testdata/pcaps/*.pcap")
	if err != nil || len(files) == 0 {
		t.Fatal(err)
	}
	if testing.Short() {
		files = files[:6]
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			src, err := nlsniff.OpenFile(file)
			if err != nil {
				t.Fatal(err)
			}
			defer src.Close()
			d, n := decoder(t), 0
			var again bytes.Buffer
			w := pcapng.NewWriter(&again, pcapng.Section{})
			for f, err := range d.Frames(t.Context(), src) {
				if err != nil {
					t.Fatal(err)
				}
				n++
				own := 0
				for range f.Tree().Own() {
					own++
				}
				if own != len(f.Messages) || !bytes.HasSuffix(f.AppendJSON(nil), []byte("}\n")) {
					t.Fatalf("frame %d: %d messages, %d in the tree: %s", f.Number, len(f.Messages), own, f.AppendJSON(nil))
				}
				if err := w.Write(&f.Frame); err != nil {
					t.Fatal(err)
				}
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			frames := pcaptest.File(t, file)
			if n != len(frames) {
				t.Errorf("%d frames, want %d", n, len(frames))
			}
			r, err := pcapng.NewReader(&again, pcapng.Options{})
			if err != nil {
				t.Fatal(err)
			}
			for i := range frames {
				var f capture.Frame
				if err := r.Next(&f); err != nil || !bytes.Equal(f.Data, frames[i].Data) || f.Time != frames[i].Time {
					t.Fatalf("frame %d was written as another: %v", i, err)
				}
			}
		})
	}
}

// TestShortFrame: a frame without its cooked header is no capture's, and is not
// written as if it were one.
func TestShortFrame(t *testing.T) {
	for _, w := range []capture.Sink{pcapng.NewWriter(io.Discard, pcapng.Section{}), pcapng.NewPcapWriter(io.Discard, pcapng.PcapOptions{})} {
		raw := message(16, 5, make([]byte, 16)...)
		if err := w.Write(&capture.Frame{Data: raw, OrigLen: len(raw)}); err == nil {
			t.Errorf("%T takes a message for a frame", w)
		}
		if err := w.Close(); err != nil {
			t.Error(err)
		}
		if err := w.Write(&capture.Frame{Data: make([]byte, 16), OrigLen: 16, Time: time.Now().UnixNano()}); !errors.Is(err, os.ErrClosed) {
			t.Errorf("%T: Write after Close: %v", w, err)
		}
	}
}
