package store_test

import (
	"io"
	"os"
	"strings"
	"testing"

	"github.com/nlsniff/nlsniff/internal/pcaptest"
)

// TestConvertedFile shows what a file is converted to as if it stood there.
func TestConvertedFile(t *testing.T) {
	path := t.TempDir() + "/text"
	if err := os.WriteFile(path, []byte("this is no capture"), 0o600); err != nil {
		t.Fatal(err)
	}
	o := options()
	o.Convert = func(in io.Reader) (io.Reader, error) {
		b, err := io.ReadAll(in)
		if err != nil || !strings.HasPrefix(string(b), "this is no") {
			t.Errorf("%q, %v", b, err)
		}
		return os.Open(pcaptest.Path("wifi.pcap"))
	}
	s, plain := open(t, path, o), open(t, pcaptest.Path("wifi.pcap"), options())
	a, b := wait(t, s), wait(t, plain)
	if a.Err != nil || a.End != b.End || a.Frames != b.Frames || a.EndExchange != b.EndExchange {
		t.Fatalf("%+v\nwant %+v", a, b)
	}
	rows := []int{0, a.End / 2, a.End - 1}
	got, want := s.NewDecoder().Rows(rows), plain.NewDecoder().Rows(rows)
	for i := range rows {
		if got[i].Summary != want[i].Summary || got[i].Err != nil {
			t.Errorf("row %d: %q %v, not %q", rows[i], got[i].Summary, got[i].Err, want[i].Summary)
		}
	}
}
