package nlmon

import (
	"slices"
	"testing"
	"testing/fstest"
)

func TestTaps(t *testing.T) {
	file := func(s string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(s)} }
	got, err := Taps(fstest.MapFS{
		"sys/class/net/lo/type": file("772\n"), "sys/class/net/lo/flags": file("0x9\n"),
		"sys/class/net/nlmon0/type": file("824\n"), "sys/class/net/nlmon0/flags": file("0x80\n"),
		"sys/class/net/nlmon1/type": file("824\n"), "sys/class/net/nlmon1/flags": file("0x81\n"),
		"sys/class/net/gone/other": file(""),
	})
	if want := []Tap{{"nlmon0", false}, {"nlmon1", true}}; err != nil || !slices.Equal(got, want) {
		t.Errorf("%v, %v, want %v", got, err, want)
	}
	if _, err := Taps(fstest.MapFS{}); err == nil {
		t.Error("no error without sysfs")
	}
}
