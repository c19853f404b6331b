package pcapng

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/internal/need"
)

// tshark reads a file with tshark and returns fields of its packets, a line
// each.
func tshark(t *testing.T, in []byte, fields ...string) []string {
	t.Helper()
	program := need.Tool(t, "tshark")
	path := filepath.Join(t.TempDir(), "capture")
	if err := os.WriteFile(path, in, 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{"-n", "-r", path, "-T", "fields", "-E", "separator=|"}
	for _, f := range fields {
		args = append(args, "-e", f)
	}
	var stderr bytes.Buffer
	cmd := exec.Command(program, args...)
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("tshark: %v\n%s", err, stderr.String())
	}
	return strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
}

// timeText is how tshark shows a time in seconds.
func timeText(ns int64) string { return fmt.Sprintf("%d.%09d", ns/nanosPerSecond, ns%nanosPerSecond) }

func TestTsharkReadsPcapng(t *testing.T) {
	for order, e := range orders {
		t.Run(order, func(t *testing.T) {
			frames := sample(40)
			frames[1].Comment = "a note"
			out, _ := roundTrip(t, e, frames...)
			lines := tshark(t, out, "frame.number", "frame.time_epoch", "frame.cap_len", "frame.len", "frame.packet_flags_direction",
				"frame.comment", "frame.interface_id", "netlink.hdr_len")
			if len(lines) != len(frames) {
				t.Fatalf("tshark shows %d frames of %d", len(lines), len(frames))
			}
			for i, f := range frames {
				var dir, comment string
				switch f.Dir {
				case capture.DirFromKernel:
					dir = "0x00000001"
				case capture.DirToKernel:
					dir = "0x00000002"
				}
				if f.Process.Comm != "" {
					comment = string(appendProcess(nil, &f.Process))
				} else {
					comment = f.Comment
				}
				want := fmt.Sprintf("%d|%s|%d|%d|%s|%s|0|", f.Number, timeText(f.Time), len(f.Data), f.OrigLen, dir, comment)
				if !strings.HasPrefix(lines[i], want) {
					t.Errorf("tshark shows %s, want %s", lines[i], want)
				}
			}
		})
	}
}

func TestTsharkReadsPcap(t *testing.T) {
	for order, e := range orders {
		var out bytes.Buffer
		w := NewPcapWriter(&out, PcapOptions{Order: e.order()})
		for _, f := range sample(10) {
			w.Write(&f)
		}
		w.Close()
		for i, line := range tshark(t, out.Bytes(), "frame.number", "frame.time_epoch", "frame.cap_len", "frame.len") {
			f := sample(10)[i]
			if want := fmt.Sprintf("%d|%s|%d|%d", f.Number, timeText(f.Time), len(f.Data), f.OrigLen); line != want {
				t.Errorf("%s: tshark shows %s, want %s", order, line, want)
			}
		}
	}
}

// TestNumbersAgreeWithTshark: whatever else a file holds, a frame has the
// number, time and length that Wireshark shows.
func TestNumbersAgreeWithTshark(t *testing.T) {
	journal := (&builder{}).section().iface(253, 0).packet(0, 5, netlink('a', 1))
	journal.block(BlockJournal, []byte("__REALTIME_TIMESTAMP=1700000001000000\nMESSAGE=hi\n")).packet(0, 6, netlink('a', 1))
	journal.block(BlockCustomPrivate, append(little.append32(nil, 32473), "x"...)).packet(0, 7, netlink('a', 1))
	files := map[string][]byte{
		"every block, little": everything(little),
		"every block, big":    everything(big),
		"two sections":        append(everything(big), everything(little)...),
		"journal":             journal.b,
	}
	for name, in := range corpus(t) {
		files[name] = in
	}
	for name, in := range files {
		t.Run(name, func(t *testing.T) {
			shown := map[int]string{}
			for _, line := range tshark(t, in, "frame.number", "frame.time_epoch", "frame.cap_len", "frame.protocols") {
				number, rest, _ := strings.Cut(line, "|")
				n, err := strconv.Atoi(number)
				if err != nil {
					t.Fatalf("tshark shows %q", line)
				}
				if strings.Contains(rest, "|netlink") {
					shown[n] = rest
				}
			}
			frames := mustRead(t, in)
			if len(shown) != len(frames) {
				t.Errorf("%d frames, tshark shows %d", len(frames), len(shown))
			}
			for _, f := range frames {
				when := timeText(f.Time)
				if f.Time == 0 {
					when = "" // a simple packet block has no time
				}
				if want := fmt.Sprintf("%s|%d|netlink", when, len(f.Data)); !strings.HasPrefix(shown[f.Number], want) {
					t.Errorf("frame %d: tshark shows %q, want %q", f.Number, shown[f.Number], want)
				}
			}
		})
	}
}

// TestTsharkRewrites: direction and process survive a pass through another
// program, which rewrites every block.
func TestTsharkRewrites(t *testing.T) {
	program := need.Tool(t, "tshark")
	dir := t.TempDir()
	from, to := filepath.Join(dir, "from"), filepath.Join(dir, "to")
	frames := sample(8)
	out, _ := roundTrip(t, big, frames...)
	if err := os.WriteFile(from, out, 0o600); err != nil {
		t.Fatal(err)
	}
	if text, err := exec.Command(program, "-n", "-r", from, "-w", to, "-F", "pcapng").CombinedOutput(); err != nil {
		t.Fatalf("tshark: %v\n%s", err, text)
	}
	again, err := os.ReadFile(to)
	if err != nil {
		t.Fatal(err)
	}
	checkFrames(t, mustRead(t, again), frames)
}
