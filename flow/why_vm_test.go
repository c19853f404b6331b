//go:build linux

package flow_test

import (
	"encoding/binary"
	"net"
	"os/exec"
	"runtime"
	"strconv"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/internal/vmtest"
)

// TestWhyVM sends the requests of testdata/why.txt to real kernels: the errno is
// what the case says, and without the fault it is another or none.
func TestWhyVM(t *testing.T) {
	vmtest.Run(t, vmtest.Test{
		Kernels:  []string{"6.1", "6.12", "7"},
		Modules:  []string{"dummy", "bridge", "8021q", "wireguard", "macsec", "nf_conntrack_netlink", "xfrm_user", "esp4", "mac80211_hwsim radios=1"},
		Programs: []string{"ip"},
		Guest: func(t *testing.T) {
			for _, args := range [][]string{
				{"link", "set", "lo", "up"},
				{"link", "add", "d0", "type", "dummy"}, {"link", "set", "d0", "up"}, {"addr", "add", "192.0.2.1/24", "dev", "d0"},
				{"link", "add", "br0", "type", "bridge", "vlan_filtering", "1"}, {"link", "add", "d1", "type", "dummy"},
				{"link", "set", "d1", "master", "br0"}, {"link", "add", "wg0", "type", "wireguard"}, {"link", "set", "wlan0", "up"},
				{"link", "add", "link", "d0", "macsec0", "type", "macsec"},
			} {
				if out, err := exec.Command("ip", args...).CombinedOutput(); err != nil {
					t.Fatalf("ip %v: %v\n%s", args, err, out)
				}
			}
			number := func(name string) uint32 {
				if name[0] == '@' {
					i, err := net.InterfaceByName(name[1:])
					if err != nil {
						t.Fatal(err)
					}
					return uint32(i.Index)
				}
				if name == "nlctrl" {
					return 16
				}
				if n, err := strconv.Atoi(name); err == nil {
					return uint32(n)
				}
				return uint32(familyID(t, name))
			}
			for _, c := range whyCases(t, "testdata/why.txt") {
				t.Run(c.name, func(t *testing.T) {
					asker := ask
					if c.errnos[0] == whyErrnos["EPERM"] {
						asker = askAsNobody
					}
					bad, good := asker(t, c.bad, number), asker(t, c.good, number)
					claimed := func(errno int32) bool {
						for _, e := range c.errnos {
							if e == errno {
								return true
							}
						}
						return false
					}
					t.Logf("errno %d, of the twin %d", bad, good)
					if !claimed(bad) {
						t.Errorf("errno %d, want one of %d", bad, c.errnos)
					}
					if claimed(good) {
						t.Errorf("the twin has errno %d too", good)
					}
				})
			}
		},
	})
}

// exchange sends a datagram and returns the first answer.
func exchange(t *testing.T, proto int, request []byte) []byte {
	t.Helper()
	s, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW, proto)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(s)
	patience := unix.Timeval{Sec: 20}
	if err := unix.SetsockoptTimeval(s, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &patience); err != nil {
		t.Fatal(err)
	}
	if err := unix.Sendto(s, request, 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 1<<16)
	n, _, err := unix.Recvfrom(s, b, 0)
	if err != nil {
		t.Fatal(err)
	}
	return b[:n]
}

// askAsNobody is ask without any capability.
func askAsNobody(t *testing.T, request string, number func(string) uint32) int32 {
	t.Helper()
	frames, err := whyFrames(request, 0, number) // what it looks up, root looks up
	if err != nil {
		t.Fatal(err)
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	head := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var had, none [2]unix.CapUserData
	if err := unix.Capget(&head, &had[0]); err != nil {
		t.Fatal(err)
	}
	none = had
	none[0].Effective, none[1].Effective = 0, 0
	if err := unix.Capset(&head, &none[0]); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := unix.Capset(&head, &had[0]); err != nil {
			t.Fatal(err)
		}
	}()
	return errnoOf(t, frames[0].Data)
}

// ask sends a request and returns the errno that comes back.
func ask(t *testing.T, request string, number func(string) uint32) int32 {
	t.Helper()
	frames, err := whyFrames(request, 0, number)
	if err != nil {
		t.Fatal(err)
	}
	return errnoOf(t, frames[0].Data)
}

// errnoOf sends a frame's message and returns the errno that comes back.
func errnoOf(t *testing.T, d []byte) int32 {
	t.Helper()
	b := exchange(t, int(d[capture.CookedLen-1]), d[capture.CookedLen:])
	if len(b) >= 20 && binary.LittleEndian.Uint16(b[4:]) == unix.NLMSG_ERROR {
		return int32(binary.LittleEndian.Uint32(b[16:]))
	}
	return 0 // data
}

// familyID asks the controller.
func familyID(t *testing.T, name string) uint16 {
	t.Helper()
	frames, err := whyFrames(`generic nlctrl REQUEST seq 1 u8:3 u8:1 u16:0 [CTRL_ATTR_FAMILY_NAME "`+name+`"]`, 0, func(string) uint32 { return 16 })
	if err != nil {
		t.Fatal(err)
	}
	b := exchange(t, unix.NETLINK_GENERIC, frames[0].Data[capture.CookedLen:])
	for at := 20; at+4 <= len(b); {
		n, typ := int(binary.LittleEndian.Uint16(b[at:])), binary.LittleEndian.Uint16(b[at+2:])
		if typ == 1 && n == 6 { // CTRL_ATTR_FAMILY_ID
			return binary.LittleEndian.Uint16(b[at+4:])
		}
		if n < 4 {
			break
		}
		at += (n + 3) &^ 3
	}
	t.Fatalf("no family %s", name)
	return 0
}
