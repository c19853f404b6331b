package livetest

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// The user who has no privileges; nobody in /etc/passwd needs to.
const (
	user   = 12345
	asUser = "setpriv --reuid 12345 --regid 12345 --clear-groups "
)

// status returns a line of /proc/PID/status.
func (p *process) status(name string) string {
	p.t.Helper()
	b, err := os.ReadFile("/proc/" + strconv.Itoa(p.cmd.Process.Pid) + "/status")
	if err != nil {
		p.t.Fatal(err)
	}
	m := regexp.MustCompile(`(?m)^` + name + `:\t(.*)$`).FindSubmatch(b)
	if m == nil {
		p.t.Fatalf("no %s in /proc/PID/status", name)
	}
	return string(m[1])
}

// powerless checks that a process has no capability in any thread, and nothing
// to get one from.
func (p *process) powerless() {
	p.t.Helper()
	for _, set := range []string{"CapInh", "CapPrm", "CapEff", "CapAmb"} {
		if s := p.status(set); strings.Trim(s, "0") != "" {
			p.t.Errorf("%s is %s", set, s)
		}
	}
	threads, err := filepath.Glob("/proc/" + strconv.Itoa(p.cmd.Process.Pid) + "/task/*/status")
	if err != nil || len(threads) == 0 {
		p.t.Fatalf("%v, %d threads", err, len(threads))
	}
	for _, file := range threads {
		b, err := os.ReadFile(file)
		if err != nil {
			continue // it ended
		}
		if !strings.Contains(string(b), "CapEff:\t0000000000000000\n") {
			p.t.Errorf("%s: a thread has capabilities:\n%s", file, b)
		}
	}
}

// sudo: root is given up for the one who called, whose the file is.
func sudo(t *testing.T) {
	home := filepath.Join(tmp, "home")
	sh(t, "mkdir -p "+home+"; chown "+strconv.Itoa(user)+" "+home)
	path := filepath.Join(home, "sudo.pcapng")
	t.Setenv("SUDO_UID", strconv.Itoa(user))
	t.Setenv("SUDO_GID", strconv.Itoa(user))
	p := capture(t, "-w", path)
	p.powerless()
	if got := strings.Fields(p.status("Uid")); strings.Join(got, " ") != "12345 12345 12345 12345" {
		t.Errorf("it runs as %v", got)
	}
	sh(t, "ip link set lo alias by_sudo")
	p.ends(p.signal(syscall.SIGINT), 0)
	if about(frames(t, path), "by_sudo\x00") == 0 {
		t.Error("nothing was captured")
	}
	st, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if uid := st.Sys().(*syscall.Stat_t).Uid; uid != user {
		t.Errorf("the file belongs to user %d", uid)
	}
	if left := own(t); len(left) > 0 {
		t.Errorf("%v is left behind", left)
	}

	// Not even root may then write where that user may not.
	q := start(t, program, "capture", "-w", "/root/not_mine.pcapng")
	q.ends(q.wait(), 1, "nlsniff: /root/not_mine.pcapng: permission denied", "hint: ")
	errorLine(t, q.stderr.String())
}

// fileCapabilities: with setcap, as the manual says, any user may capture.
func fileCapabilities(t *testing.T) {
	home := filepath.Join(tmp, "home")
	capable := filepath.Join(tmp, "capable")
	sh(t, "mkdir -p "+home+"; chown "+strconv.Itoa(user)+" "+home+"; cp "+program+" "+capable+"; setcap cap_net_raw,cap_net_admin+ep "+capable)
	path := filepath.Join(home, "setcap.pcapng")
	p := start(t, append(strings.Fields(asUser), capable, "capture", "-w", path)...)
	p.says("nlsniff: capturing on ")
	p.powerless()
	sh(t, "ip link set lo alias by_setcap")
	p.ends(p.signal(syscall.SIGINT), 0)
	if about(frames(t, path), "by_setcap\x00") == 0 {
		t.Error("nothing was captured")
	}
	if left := own(t); len(left) > 0 {
		t.Errorf("%v is left behind", left)
	}
}

// withoutCapabilities: one line says what is missing and one what to do.
func withoutCapabilities(t *testing.T) {
	for _, tt := range []struct {
		name, command string
		words         []string
	}{
		{"user", asUser + program + " capture", []string{
			"CAP_NET_RAW and CAP_NET_ADMIN", "hint: run it with sudo, or once: sudo setcap cap_net_raw,cap_net_admin+ep " + program}},
		{"root of a container", "setpriv --bounding-set -net_raw,-net_admin " + program + " capture", []string{
			"CAP_NET_RAW and CAP_NET_ADMIN", "--cap-add NET_RAW --cap-add NET_ADMIN"}},
		{"root that may not create interfaces", "setpriv --bounding-set -net_admin " + program + " capture", []string{
			"creating an nlmon interface needs CAP_NET_ADMIN", "--cap-add"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := start(t, strings.Fields(tt.command)...)
			p.ends(p.wait(), 1, tt.words...)
			errorLine(t, p.stderr.String())
			if n := strings.Count(p.stderr.String(), "\n"); n != 1 {
				t.Errorf("%d lines:\n%s", n, p.stderr.String())
			}
			if left := own(t); len(left) > 0 {
				t.Errorf("%v is left behind", left)
			}
		})
	}
}

// withoutModule: first nlmon may not be loaded, then it is not there at all.
func withoutModule(t *testing.T) {
	sh(t, "modprobe -r nlmon; mkdir -p /etc/modprobe.d; echo 'install nlmon /bin/false' > /etc/modprobe.d/no-nlmon.conf")
	p := start(t, program, "capture")
	p.ends(p.wait(), 1, "nlsniff: the kernel module nlmon is installed but was not loaded", "hint: sudo modprobe nlmon")
	errorLine(t, p.stderr.String())

	// A container sees no modules, or a kernel was built without.
	sh(t, "mount -t tmpfs tmpfs /lib/modules")
	defer sh(t, "umount /lib/modules; rm /etc/modprobe.d/no-nlmon.conf")
	p = start(t, program, "capture")
	p.ends(p.wait(), 1, "nlsniff: kernel "+strings.TrimSpace(sh(t, "uname -r"))+" has no module nlmon", "hint: sudo apt install linux-image-amd64")
	errorLine(t, p.stderr.String())
}
