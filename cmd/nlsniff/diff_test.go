package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/capture/pcapng"
	"github.com/nlsniff/nlsniff/internal/pcaptest"
)

// TestDiffOfLongBatches compares batches of 36 KiB whose last rules differ:
// whole, cut by the capture, and so many that not all can be kept.
func TestDiffOfLongBatches(t *testing.T) {
	batch := pcaptest.File(t, "../../testdata/cases/nft-101-rules-a.pcap")[0]
	// The last rule's port, behind which only its verdict stands.
	port := bytes.LastIndex(batch.Data, []byte{0x06, 0x3f})
	if port < 36000 {
		t.Fatalf("the last rule's port stands at %d", port)
	}
	other := batch
	other.Data = bytes.Clone(batch.Data)
	copy(other.Data[port:], []byte{0x27, 0x0f})

	dir := t.TempDir()
	file := func(name string, frames ...capture.Frame) string {
		path := filepath.Join(dir, name)
		f, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		var out interface {
			Write([]byte) (int, error)
			Close() error
		} = f
		if strings.HasSuffix(name, ".zst") {
			if out, err = zstd.NewWriter(f, zstd.WithEncoderConcurrency(1)); err != nil {
				t.Fatal(err)
			}
		}
		w := pcapng.NewWriter(out, pcapng.Section{})
		for i := range frames {
			if err := w.Write(&frames[i]); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
		if err := out.Close(); err != nil {
			t.Fatal(err)
		}
		return path
	}
	snapped := batch
	snapped.Data = batch.Data[:20000]
	many := make([]capture.Frame, 480) // 17 MiB, of which 16 can be kept
	for i := range many {
		many[i] = batch
		many[i].Time += int64(i) * 1e9
	}
	a := file("a.pcapng", batch)
	for _, c := range []struct {
		name string
		a, b string
		code int
		want []string
		not  string
	}{
		{"the same", a, a, 0, []string{"1 the same, 0 with another outcome"}, "~"},
		{"the last rule", a, file("b.pcapng", other), 1, []string{
			"    - NFT_MSG_NEWRULE ip t c ip saddr 10.0.2.87 tcp dport 1599 accept\n",
			"    + NFT_MSG_NEWRULE ip t c ip saddr 10.0.2.87 tcp dport 9999 accept\n",
			"0 the same, 0 with another outcome, 1 with another request",
		}, "could not compare"},
		{"cut by the capture", a, file("cut.pcapng", snapped), 1, []string{"    ? could not compare all: not all is there of the request\n"}, ""},
		{"cut twice", file("cut2.pcapng", snapped), file("cut3.pcapng", snapped), 1, []string{
			"    ? could not compare all: not all is there of the request\n", "0 the same", ", 1 not compared to the end\n",
		}, ""},
		{"no room", file("many.pcapng.zst", many...), file("many2.pcapng.zst", many...), 1, []string{
			"    ? could not compare all: not all is there of the request\n", " not compared to the end\n",
		}, "\n0 the same"},
	} {
		if c.name == "no room" && testing.Short() {
			continue // there is none only if much is there
		}
		t.Run(c.name, func(t *testing.T) {
			var stdout, stderr bytes.Buffer
			code := run([]string{"diff", c.a, c.b}, strings.NewReader(""), &stdout, &stderr)
			got := stdout.String()
			if code != c.code || stderr.Len() > 0 {
				t.Errorf("exit code %d, want %d: %s", code, c.code, stderr.String())
			}
			for _, want := range c.want {
				if !strings.Contains(got, want) {
					t.Errorf("no %q in\n%s", want, shortened(got))
				}
			}
			if c.not != "" && strings.Contains(got, c.not) {
				t.Errorf("%q in\n%s", c.not, shortened(got))
			}
		})
	}
}

// shortened is a text of which the middle is left out.
func shortened(s string) string {
	const most = 2000
	if len(s) <= 2*most {
		return s
	}
	return fmt.Sprintf("%s\n… %d bytes …\n%s", s[:most], len(s)-2*most, s[len(s)-most:])
}
