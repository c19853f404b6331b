package main

import (
	"bytes"
	"io"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/nlsniff/nlsniff/internal/need"
)

// tsharkOn runs tshark on a capture.
func tsharkOn(t *testing.T, file string, args ...string) string {
	t.Helper()
	cmd := exec.Command(need.Tool(t, "tshark"), append([]string{"-r", file}, args...)...)
	cmd.Env = append(cmd.Environ(), "TZ=UTC")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("tshark %q: %v", args, err)
	}
	return string(out)
}

func printed(t *testing.T, args ...string) string {
	t.Helper()
	var out bytes.Buffer
	if code := run(args, nil, &out, io.Discard); code != exitOK {
		t.Fatalf("nlsniff %q: exit code %d", args, code)
	}
	return out.String()
}

// TestTimeAsTshark: the ways to show time are tshark's.
func TestTimeAsTshark(t *testing.T) {
	t.Parallel()
	file := pcap("route_addrs.pcap")
	for _, mode := range []string{"ad", "dd", "udoy"} {
		choose := []string{"-t", mode, "-Y", "netlink.hdr_type == 2"}
		theirs := strings.Split(strings.TrimSpace(tsharkOn(t, file, choose...)), "\n")
		ours := strings.Split(strings.TrimSpace(printed(t, append([]string{"read", file}, choose...)...)), "\n")
		if len(ours) != len(theirs) || len(ours) < 10 {
			t.Fatalf("-t %s: %d lines, tshark has %d", mode, len(ours), len(theirs))
		}
		// A message a frame, here. tshark writes nanoseconds where the file has them.
		head := regexp.MustCompile(`^ *(\d+) +((?:[\d/-]{8,10} )?[\d:]+\.\d{6})`)
		for i := range ours {
			a, b := head.FindStringSubmatch(ours[i]), head.FindStringSubmatch(theirs[i])
			if a == nil || b == nil || a[1] != b[1] || a[2] != b[2] {
				t.Fatalf("-t %s: %s\ntshark: %s", mode, ours[i], theirs[i])
			}
		}
	}
}

// TestCountsAsTshark: what matches filters over time is what tshark counts.
func TestCountsAsTshark(t *testing.T) {
	t.Parallel()
	file, table := pcap("route_addrs.pcap"), "io,stat,2,netlink.hdr_type == 2,netlink-route.nltype == 20"
	theirs := regexp.MustCompile(`<> +\S+ *\| +(\d+) \| +(\d+) \| +(\d+) \| +(\d+) \|`).FindAllStringSubmatch(tsharkOn(t, file, "-q", "-z", table), -1)
	ours := regexp.MustCompile(`(?m)<> \S+ +(\d+) +\d+ +(\d+) +(\d+) +\d+ +(\d+)$`).FindAllStringSubmatch(printed(t, "read", "-z", table, file), -1)
	if len(ours) == 0 {
		t.Fatal("there is no interval")
	}
	no := 0
	for _, b := range theirs {
		if b[1] == "0" && b[3] == "0" && (no == len(ours) || ours[no][1] != "0" || ours[no][3] != "0") {
			continue // in which there was no frame
		}
		if no == len(ours) || strings.Join(ours[no][1:], " ") != strings.Join(b[1:], " ") {
			t.Fatalf("interval %d: tshark counts %v, of\n%v\nwe\n%v", no+1, b[1:], theirs, ours)
		}
		no++
	}
	if no != len(ours) {
		t.Errorf("%d intervals, tshark has %d", len(ours), no)
	}
}
