//go:build linux

package export

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/encode"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/internal/need"
	"github.com/nlsniff/nlsniff/internal/synth"
	"github.com/nlsniff/nlsniff/render"
	"github.com/nlsniff/nlsniff/replay"
)

// synthetic is a program of one in every so many of the requests that have every
// value that a description knows.
func synthetic(t *testing.T, every int) *Program {
	t.Helper()
	db := families.Embedded()
	all, err := db.LoadAll()
	if err != nil {
		t.Fatal(err)
	}
	d := dissect.New(db)
	full := render.NewJSON(render.Options{ShowSecrets: true, Full: true}, false)
	p := &Program{Name: "synthetic", Sockets: []replay.Socket{{}}, IDs: map[replay.Learn]int{}}
	n := 0
	for _, f := range all {
		for s := range synth.Requests(f) {
			if n++; n%every != 0 {
				continue
			}
			v, err := encode.Parse(bytes.NewReader(full.Frame(nil, &render.Event{Number: 1, Tree: d.Frame(s.Input())})))
			if err != nil || len(v) != 1 {
				t.Fatalf("%s: %d messages, %v", s.What, len(v), err)
			}
			p.Requests = append(p.Requests, Request{
				Request:  replay.Request{Frame: n, Op: s.Message.Name, Data: s.Data},
				Messages: []Message{{Op: s.Message.Name, Line: s.What, Rows: rows(v[0].Get("nodes"), s.Data)}},
			})
		}
	}
	return p
}

// TestSyntheticBytes: the programs send the bytes of their requests, whatever the
// comments beside these say.
func TestSyntheticBytes(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles long programs")
	}
	t.Parallel()
	for _, l := range []struct {
		kind, tool, file string
		every            int // in Go one request takes as long to compile as 20 in C
		main, print      string
		run              string
	}{
		{"c", "cc", "s.c", 11, "int main(int", `
int main(void)
{
	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		for (size_t k = 0; k < requests[i].len; k++)
			printf("%02x", requests[i].data[k]);
		printf("\n");
	}
}
`, "cd $0 && cc -w -o s s.c && ./s"},
		{"python", "python3", "s.py", 11, "def main()", "", "cd $0 && python3 -W error -c 'import s\nfor r in s.REQUESTS: print(r[\"data\"].hex())'"},
		{"go", "go", "s.go", 101, "func main()", `
func main() {
	for _, r := range requests {
		fmt.Printf("%x\n", r.data)
	}
}
`, "go run $0/s.go"},
	} {
		t.Run(l.kind, func(t *testing.T) {
			t.Parallel()
			need.Tool(t, l.tool)
			p := synthetic(t, l.every)
			text := written(t, p, l.kind)
			if strings.Count(text, l.main) != 1 {
				t.Fatalf("there is not one %q", l.main)
			}
			if l.print != "" {
				text = strings.Replace(text, l.main, strings.Replace(l.main, "main", "sends", 1), 1) + l.print
			}
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, l.file), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			cmd := exec.Command("sh", "-c", l.run, dir)
			cmd.Stderr = os.Stderr
			out, err := cmd.Output()
			if err != nil {
				t.Fatal(err)
			}
			lines := strings.Split(strings.TrimSpace(string(out)), "\n")
			if len(lines) != len(p.Requests) || len(lines) < 500 {
				t.Fatalf("%d requests of %d", len(lines), len(p.Requests))
			}
			for i, r := range p.Requests {
				if want := fmt.Sprintf("%x", r.Data); lines[i] != want {
					t.Errorf("%s:\n got %s\nwant %s", r.Messages[0].Line, lines[i], want)
				}
			}
		})
	}
}
