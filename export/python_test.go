//go:build linux

package export

import (
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/nlsniff/nlsniff/internal/need"
	"github.com/nlsniff/nlsniff/replay"
)

// asks is a program with a question that every kernel answers: NLMSG_NOOP.
func asks(groups ...replay.Group) *Program {
	data := binary.NativeEndian.AppendUint32(nil, 16)
	data = binary.NativeEndian.AppendUint16(data, 1)
	data = binary.NativeEndian.AppendUint16(data, 5) // NLM_F_REQUEST, NLM_F_ACK
	data = append(data, make([]byte, 8)...)
	return &Program{Name: "x", Sockets: []replay.Socket{{Groups: groups}}, Requests: []Request{{
		Request: replay.Request{Frame: 1, Op: "NLMSG_NOOP", Data: data}, Known: true, Await: []Await{{Final: true}},
		Messages: []Message{{Line: "NLMSG_NOOP", Rows: []Row{{Bytes: data, Text: "nlmsghdr"}}}},
	}}}
}

// TestRefusedGroup: a program goes on where a kernel has not the groups that the
// capture's had.
func TestRefusedGroup(t *testing.T) {
	t.Parallel()
	p := asks(replay.Group{ID: 1 << 30}, replay.Group{Family: "no such family", Name: "x"})
	dir := t.TempDir()
	for _, l := range []struct{ kind, tool, file, build, run string }{
		{"c", "cc", "r.c", "cc -o r r.c", "./r --here"},
		{"python", "python3", "r.py", "true", "python3 r.py --here"},
	} {
		if err := os.WriteFile(filepath.Join(dir, l.file), []byte(written(t, p, l.kind)), 0o600); err != nil {
			t.Fatal(err)
		}
		need.Tool(t, l.tool)
		cmd := exec.Command("sh", "-c", l.build+" && "+l.run)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil || string(out) != "frame 1 NLMSG_NOOP: errno 0\n" {
			t.Errorf("%s: %v: %s", l.kind, err, out)
		}
	}
}

// TestPythonBytes: words and names may be any bytes, and are the same ones in a
// program as on the wire.
func TestPythonBytes(t *testing.T) {
	t.Parallel()
	python := need.Tool(t, "python3")
	p := asks(replay.Group{Family: "f\xff", Name: "caf\u00e9"})
	said := "sch\u00f6n \xff\"\\\x01"
	p.Requests[0].Await[0].Text = said
	// What is for people alone is text: a byte that is no UTF-8 is what Latin-1 has.
	p.Requests[0].Op = "sch\xf6n caf\u00e9 \U0001f600 \"\\\x01"
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "r.py"), []byte(written(t, p, "python")), 0o600); err != nil {
		t.Fatal(err)
	}
	msg := append(make([]byte, 36), binary.NativeEndian.AppendUint16(nil, uint16(5+len(said)))...)
	msg = append(binary.NativeEndian.AppendUint16(msg, 1), said+"\x00"...) // NLMSGERR_ATTR_MSG
	script := fmt.Sprintf(`import r
assert r.words(bytes.fromhex("%x"), 2, 0x300) == (r.REQUESTS[0]["await"][0][4], ""), r.words(bytes.fromhex("%[1]x"), 2, 0x300)
assert r.REQUESTS[0]["op"] == bytes.fromhex("%x").decode("utf-32-le"), r.REQUESTS[0]["op"]
assert r.GROUPS[0][2:] == (bytes.fromhex("%x"), bytes.fromhex("%x")), r.GROUPS
assert r.name_of(1) == b"lo" and r.index_of(b"lo") == 1 and r.index_of(b"\xff") == 0
print(r.plain(b"a\xff"))`, msg, utf32("sch\u00f6n caf\u00e9 \U0001f600 \"\\\x01"), "f\xff", "caf\u00e9")
	cmd := exec.Command(python, "-c", script)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil || string(out) != "a?\n" {
		t.Errorf("%v: %s", err, out)
	}
}

// utf32 is a text in UTF-32, little-endian.
func utf32(s string) (out []byte) {
	for _, r := range s {
		out = binary.LittleEndian.AppendUint32(out, uint32(r))
	}
	return out
}
