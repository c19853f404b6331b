package packaging

import (
	"os/exec"
	"regexp"
	"testing"

	"github.com/nlsniff/nlsniff/internal/vmtest"
)

// installed is what is done, in this order, with the package on a machine, and
// what is printed.
var installed = []struct{ name, command, want string }{
	{
		"install", // Images for containers leave the pages out.
		"dpkg -i --no-triggers --path-include='/usr/share/*' $OUT/*.deb", `Setting up nlsniff \(0\.1\.0\)`,
	},
	{"version", "nlsniff --version", `(?m)^nlsniff version v0\.1\.0\ncommit \w+`},
	{"manual", "MANWIDTH=80 man nlsniff-capture", `nlsniff-capture - capture netlink`},
	{"completion", `bash -c '. /usr/share/bash-completion/completions/nlsniff; complete -p nlsniff'`, `complete .* nlsniff`},
	{"unit", "systemd-analyze verify --man=no nlsniff@links.service && echo good", `good`},
	{"capture", `
		ip link add d0 type dummy
		nlsniff capture -Y 'type == RTM_NEWLINK && IFLA_MTU == 1400' > /run/printed 2> /run/said &
		` + until("grep -q capturing /run/said") + `
		ip link set d0 mtu 1400
		` + until("grep -q 1400 /run/printed") + `
		kill -INT $!
		wait
		cat /run/printed`, `RTM_NEWLINK d0 .*mtu 1400`},

	// As init of its own namespace of processes, real systemd runs the unit. It does
	// not wait for what a whole system starts before.
	{"service", `
		mkdir -p /etc/systemd/system/nlsniff@.service.d /etc/nlsniff
		printf '[Unit]\nDefaultDependencies=no\n' > /etc/systemd/system/nlsniff@.service.d/alone.conf
		printf "ARGS=-f 'proto route' -w few.pcapng -b filesize:1M -b files:2\n" > /etc/nlsniff/few
		unshare -fp --mount-proc env container=vmtest /lib/systemd/systemd --unit=nlsniff@links.service > /run/systemd.log 2>&1 &
		` + until("ls /var/lib/nlsniff/links/*.pcapng") + `
		ip link set d0 mtu 1401
		nsenter -t $(pgrep -x systemd | head -1) -p -m sh -c '
			cat /proc/$(pidof nlsniff)/status
			systemctl start nlsniff@few
			` + until("ls /var/lib/nlsniff/few/few*.pcapng") + `
			ip link set d0 mtu 1402
			systemctl stop nlsniff@links nlsniff@few
			systemctl is-failed nlsniff@links nlsniff@few
		'
		for i in links few; do nlsniff read /var/lib/nlsniff/$i/*.pcapng; done
		ls -l /var/lib/nlsniff/links/`,
		`(?s)Uid:\t[1-9].*CapEff:\t0+\n.*CapBnd:\t0000000000003000\n.*NoNewPrivs:\t1\n.*\ninactive\ninactive\n.*mtu 1401.*mtu 1402.*-rw------- .*capture`},
	{"interfaces", "ip -o link", `^1: lo: .*\n\d+: d0: .*\n$`},
	{"remove", "dpkg -r --no-triggers nlsniff && ! ls /usr/bin/nlsniff /usr/share/doc/nlsniff /usr/share/man/man1/nlsniff*", `Removing nlsniff`},
}

// until waits for a command to succeed, half a minute at most.
func until(command string) string {
	return `for i in $(seq 300); do ` + command + ` > /dev/null 2>&1 && break; sleep 0.1; done`
}

// TestInstalledInVM installs the package for Debian on a machine, and uses it.
func TestInstalledInVM(t *testing.T) {
	vmtest.Run(t, vmtest.Test{
		Kernels:  []string{"6.12"},
		Modules:  []string{"nlmon", "dummy"},
		Programs: []string{"dpkg", "ip", "man", "nsenter", "pgrep", "systemctl", "unshare"},
		Before: func(t *testing.T, dir string) {
			run(t, ".", nil, "sh", "-c", "cp "+release(t)+"/*.deb "+dir)
		},
		Guest: func(t *testing.T) {
			for _, step := range installed {
				t.Run(step.name, func(t *testing.T) {
					c := exec.Command("sh", "-c", step.command)
					c.Env = append(c.Environ(), "OUT="+vmtest.Dir(), "LC_ALL=C")
					out, err := c.CombinedOutput()
					if err != nil || !regexp.MustCompile(step.want).Match(out) {
						t.Fatalf("%v, and no %s in\n%s", err, step.want, out)
					}
				})
			}
		},
	})
}
