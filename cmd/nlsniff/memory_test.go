//go:build !race && linux

package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
)

// memoryBudget is what no command may take for an input of less than 1 MiB.
const memoryBudget = 256 << 20

// hostile is a capture that was made to take much memory.
type hostile struct {
	name   string
	frames int
	frame  func(b []byte, i int) []byte // appends the netlink messages of frame i
	proto  byte
}

// repeat appends b until so many bytes are there.
func repeat(dst, b []byte, size int) []byte {
	for size -= len(b); size >= 0; size -= len(b) {
		dst = append(dst, b...)
	}
	return dst
}

func nl(dst []byte, length uint32, typ, flags uint16, seq, pid uint32) []byte {
	dst = binary.LittleEndian.AppendUint32(dst, length)
	dst = binary.LittleEndian.AppendUint16(dst, typ)
	dst = binary.LittleEndian.AppendUint16(dst, flags)
	dst = binary.LittleEndian.AppendUint32(dst, seq)
	return binary.LittleEndian.AppendUint32(dst, pid)
}

func attr(dst []byte, typ uint16, payload []byte) []byte {
	dst = binary.LittleEndian.AppendUint16(dst, uint16(4+len(payload)))
	dst = binary.LittleEndian.AppendUint16(dst, typ)
	dst = append(dst, payload...)
	for len(dst)%4 != 0 {
		dst = append(dst, 0)
	}
	return dst
}

// link is an RTM_NEWLINK of so many bytes that is full of an attribute.
func link(dst []byte, size int, a []byte) []byte {
	dst = nl(dst, uint32(size), 16, 0, 0, 0)
	dst = append(dst, make([]byte, 16)...)
	return repeat(dst, a, size-32)
}

const mib = 1 << 20

var hostiles = []hostile{
	{"attrs", 1, func(b []byte, _ int) []byte { return link(b, 60*mib, []byte{4, 0, 0, 0}) }, 0},
	{"frames", 8, func(b []byte, _ int) []byte { return link(b, 4*mib, []byte{4, 0, 4, 0}) }, 0},
	{"quarters", 24, func(b []byte, _ int) []byte { return link(b, mib/4, []byte{4, 0, 4, 0}) }, 0},
	{"messages", 4, func(b []byte, _ int) []byte {
		return repeat(b, nl(nil, 16, 16, 1, 0, 0), 4*mib)
	}, 0},
	{"requests", 300, func(b []byte, i int) []byte {
		for k := range 64 {
			b = nl(b, 16+4096, 16, 5, uint32(i<<16+k), uint32(k))
			b = append(b, make([]byte, 4096)...)
		}
		return b
	}, 0},
	{"errors", 4, func(b []byte, _ int) []byte {
		e := nl(nil, 36, 2, 0x100, 7, 9)
		e = binary.LittleEndian.AppendUint32(e, ^uint32(21))
		return repeat(b, nl(e, 4000, 16, 5, 7, 0), 4*mib)
	}, 0},
	{"strings", 4, func(b []byte, _ int) []byte {
		return link(b, 4*mib, attr(nil, 3, bytes.Repeat([]byte{0x1b}, 60000)))
	}, 0},
	{"unknown", 4, func(b []byte, _ int) []byte {
		return append(nl(b, 4*mib, 999, 0, 0, 0), make([]byte, 4*mib-16)...)
	}, 0},
	{"names", 400, func(b []byte, i int) []byte {
		name := append(bytes.Repeat([]byte{'n'}, 60000), fmt.Sprint(i)...)
		a := attr(attr(nil, 2, name), 1, binary.LittleEndian.AppendUint16(nil, uint16(i%60000+17)))
		b = nl(b, uint32(20+len(a)), 16, 0, 0, 0)
		return append(append(b, 1, 2, 0, 0), a...)
	}, 16},
	{"links", 5, func(b []byte, i int) []byte {
		for k := range 20000 {
			a := attr(nil, 3, fmt.Appendf(nil, "v%d", i*20000+k))
			b = nl(b, uint32(32+len(a)), 16, 0, 0, 0)
			b = append(b, 0, 0, 0, 0)
			b = binary.LittleEndian.AppendUint32(b, uint32(i*20000+k))
			b = append(append(b, make([]byte, 8)...), a...)
		}
		return b
	}, 0},
	{"sets", 20, func(b []byte, i int) []byte {
		for k := range 4000 {
			a := attr(nil, 1, fmt.Appendf(nil, "%0250d", i))
			a = attr(a, 2, fmt.Appendf(nil, "%0250d", k))
			a = attr(a, 4, []byte{0, 0, 0, 7})
			b = nl(b, uint32(20+len(a)), 10<<8|9, 1, 0, 0)
			b = append(append(b, 2, 0, 0, 0), a...)
		}
		return b
	}, 12},
}

// write makes a packed pcap file of it.
func (h *hostile) write(t *testing.T, dir string) string {
	path := filepath.Join(dir, h.name+".pcap.zst")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := zstd.NewWriter(f, zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(mib))
	if err != nil {
		t.Fatal(err)
	}
	le := binary.LittleEndian
	head := le.AppendUint32(nil, 0xa1b2c3d4)
	head = append(head, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0)
	head = le.AppendUint32(le.AppendUint32(head, 1<<28), 253)
	z.Write(head)
	var b []byte
	for i := range h.frames {
		b = h.frame(b[:0], i)
		rec := le.AppendUint32(le.AppendUint32(nil, uint32(1000+i)), 0)
		rec = le.AppendUint32(le.AppendUint32(rec, uint32(16+len(b))), uint32(16+len(b)))
		z.Write(append(rec, 0, 4, 3, 0x38, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, h.proto))
		z.Write(b)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if st, _ := f.Stat(); st.Size() > mib {
		t.Fatalf("%s has %d bytes; the budget is for 1 MiB", h.name, st.Size())
	}
	return path
}

// itself is this program under the name that makes it the command.
func itself(t *testing.T, dir string) string {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	nlsniff := filepath.Join(dir, "nlsniff")
	if err := os.Symlink(self, nlsniff); err != nil {
		t.Fatal(err)
	}
	return nlsniff
}

// peak reads the most memory that a process had, from its status.
func peak(t *testing.T, path string) int64 {
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(b), "VmHWM:")
	kb, err := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return kb << 10
}

// TestMemory: no small input takes much memory, however many processors there
// are.
func TestMemory(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	nlsniff := itself(t, dir)
	list := hostiles
	commands := [][]string{
		{"read", "FILE"}, {"read", "-V", "-x", "FILE"}, {"read", "-T", "jsonl", "--full", "FILE"}, {"read", "-T", "json", "FILE"},
		{"read", "-T", "fields", "-e", "IFLA_MTU", "-e", "op", "FILE"}, {"read", "-q", "-Y", "IFLA_MTU == IFLA_TXQLEN", "FILE"},
		{"read", "-Y", `"xyzzy"`, "FILE"}, {"read", "--exchanges", "-V", "FILE"}, {"read", "-2", "-z", "coverage", "FILE"},
		{"stats", "FILE"}, {"diff", "FILE", "FILE"},
		{"read", "-w", "OUT", "FILE"}, {"read", "-Y", "error", "--whole-exchanges", "-w", "OUT", "FILE"},
		{"export", "--as", "c", "FILE"}, {"export", "--as", "pcapng", "FILE"}, {"replay", "--dry-run", "FILE"},
	}
	processors := []string{"2", "64"}
	if testing.Short() {
		commands, processors, list = commands[1:3], processors[1:], hostiles[:4]
	}
	for _, h := range list {
		if only := os.Getenv("HOSTILE"); only != "" && only != h.name {
			continue
		}
		path := h.write(t, dir)
		for _, c := range commands {
			for _, n := range processors {
				if n == "2" && len(c) > 2 {
					continue // what parallel work adds is seen on many
				}
				cmd := exec.Command(nlsniff)
				for _, a := range c {
					switch a {
					case "FILE":
						a = path
					case "OUT":
						a = filepath.Join(dir, "out.pcapng")
						os.Remove(a)
					}
					cmd.Args = append(cmd.Args, a)
				}
				status := filepath.Join(dir, "status")
				cmd.Env = append(os.Environ(), "GOMAXPROCS="+n, "NLSNIFF_PEAK="+status)
				cmd.Stdout = io.Discard
				var stderr bytes.Buffer
				cmd.Stderr = &stderr
				err := cmd.Run()
				used := peak(t, status)
				t.Logf("%-9s %3s %4d MiB %6.1fs %v", h.name, n, used>>20, cmd.ProcessState.UserTime().Seconds(), c)
				if used > memoryBudget {
					t.Errorf("%s: nlsniff %v on %s processors takes %d MiB, the budget is %d", h.name, c, n, used>>20, memoryBudget>>20)
				}
				// What is too much may be refused, in nlsniff's own words.
				if err != nil && cmd.ProcessState.ExitCode() != exitNo && !bytes.HasPrefix(stderr.Bytes(), []byte("nlsniff: ")) {
					t.Errorf("%s: nlsniff %v: %v\n%s", h.name, c, err, stderr.Bytes())
				}
			}
		}
	}
}
