package rotate

import (
	"errors"
	"testing"
	"time"
)

func TestParseLimits(t *testing.T) {
	tests := []struct {
		in   []string
		want Limits
		bad  bool
	}{
		{in: nil},
		{in: []string{"duration:10"}, want: Limits{Duration: 10 * time.Second}},
		{in: []string{"duration:0.5"}, want: Limits{Duration: 500 * time.Millisecond}},
		{in: []string{"duration:1h30m"}, want: Limits{Duration: 90 * time.Minute}},
		{in: []string{"filesize:500"}, want: Limits{Bytes: 500_000}},
		{in: []string{"filesize:10M"}, want: Limits{Bytes: 10_000_000}},
		{in: []string{"filesize:1.5GB"}, want: Limits{Bytes: 1_500_000_000}},
		{in: []string{"filesize:2kB", "files:3", "packets:7"}, want: Limits{Bytes: 2000, Files: 3, Packets: 7}},
		{in: []string{"packets:1", "packets:2"}, want: Limits{Packets: 2}},
		{in: []string{"duration"}, bad: true},
		{in: []string{"duration:"}, bad: true},
		{in: []string{"duration:0"}, bad: true},
		{in: []string{"duration:-1s"}, bad: true},
		{in: []string{"duration:1e300"}, bad: true},
		{in: []string{"duration:NaN"}, bad: true},
		{in: []string{"filesize:M"}, bad: true},
		{in: []string{"filesize:1e30"}, bad: true},
		{in: []string{"filesize:Inf"}, bad: true},
		{in: []string{"packets:0"}, bad: true},
		{in: []string{"packets:1.5"}, bad: true},
		{in: []string{"files:99999999999"}, bad: true},
		{in: []string{"colour:red"}, bad: true},
		{in: []string{""}, bad: true},
	}
	for _, tt := range tests {
		got, err := ParseLimits(tt.in, false)
		var hint *Mistake
		if tt.bad != (err != nil) || !tt.bad && got != tt.want || err != nil && (!errors.As(err, &hint) || hint.Hint == "") {
			t.Errorf("%q: %+v, %v; want %+v", tt.in, got, err, tt.want)
		}
	}
}

// TestInterval: files of an interval end when the clock does.
func TestInterval(t *testing.T) {
	l, err := ParseLimits([]string{"interval:60"}, true)
	if err != nil || l.Interval != time.Minute {
		t.Fatalf("%+v, %v", l, err)
	}
	at := time.Unix(1795435259, 0) // a second before the minute
	if l.turned(at.Add(-59*time.Second), at) || !l.turned(at, at.Add(time.Second)) || (&Limits{}).turned(at, at.Add(time.Hour)) {
		t.Error("does not end with the minute")
	}
	for _, bad := range []string{"interval:0.5", "interval:x"} {
		if _, err := ParseLimits([]string{bad}, true); err == nil {
			t.Errorf("%s is taken", bad)
		}
	}
	if _, err := ParseLimits([]string{"interval:60"}, false); err == nil {
		t.Error("interval: is taken where it may not be")
	}
}

func TestParseSize(t *testing.T) {
	for in, want := range map[string]int64{"32": 32 << 20, "0.25": 256 << 10, "512k": 512 << 10, "512KiB": 512 << 10, "1G": 1 << 30, "2MB": 2 << 20, "": -1, "B": -1, "x": -1, "-1": -1} {
		got, ok := ParseSize(in, 1<<20, 1<<10)
		if ok != (want > 0) || ok && got != want {
			t.Errorf("%q: %d, %v; want %d", in, got, ok, want)
		}
	}
}
