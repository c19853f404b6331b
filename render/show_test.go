package render_test

import (
	"encoding/hex"
	"strings"
	"testing"

	"github.com/nlsniff/nlsniff/capture"
)

// TestVLANRange: two halves of a range are one word, and their flags, which
// both have, stand once.
func TestVLANRange(t *testing.T) {
	const vlan = 2 // IFLA_BRIDGE_VLAN_INFO
	for _, c := range []struct{ infos, want string }{
		{"08000a00 10001400", "vlan 10-20"},
		{"0c000a00 14001400", "vlan 10-20 UNTAGGED"},
		{"06000100 08000a00 10001400 00001e00", "vlan 1 PVID|UNTAGGED,10-20,30"},
		{"08000a00", "vlan 10-"},
		{"10001400", "vlan 20"},
	} {
		var infos []byte
		for _, s := range strings.Fields(c.infos) {
			infos = append(infos, nla(vlan, fromHex(t, s))...)
		}
		body := append(fromHex(t, "07000000060000000000000000000000"), nla(26, infos)...) // ifinfomsg, IFLA_AF_SPEC
		msg := append(fromHex(t, "00000000130005000100000000000000"), body...)            // RTM_SETLINK
		msg[0] = byte(len(msg))
		data := append(fromHex(t, "00040338000000000000000000000000"), msg...)
		ev := newDecoder().event(&capture.Frame{Number: 1, Data: data, OrigLen: len(data)})
		if got := spoken(ev, &ev.Tree.Msgs[0]); !strings.Contains(got+" ", " "+c.want+" ") {
			t.Errorf("%s: %q, want %q", c.infos, got, c.want)
		}
	}
}

// TestPeer: the peer's address is left out only where it is the address itself.
func TestPeer(t *testing.T) {
	for _, c := range []struct{ peer, want string }{
		{"0a000001", "10.0.0.1/24 scope"},
		{"0a000002", "10.0.0.1/24 peer 10.0.0.2 scope"},
		{"6e000001", "10.0.0.1/24 peer 110.0.0.1 scope"},
	} {
		body := append(fromHex(t, "0218000001000000"), nla(1, fromHex(t, c.peer))...) // ifaddrmsg, IFA_ADDRESS
		body = append(body, nla(2, fromHex(t, "0a000001"))...)                        // IFA_LOCAL
		msg := append(fromHex(t, "00000000140005000100000000000000"), body...)
		msg[0] = byte(len(msg))
		data := append(fromHex(t, "00040338000000000000000000000000"), msg...)
		ev := newDecoder().event(&capture.Frame{Number: 1, Data: data, OrigLen: len(data)})
		if got := spoken(ev, &ev.Tree.Msgs[0]); !strings.Contains(got, " "+c.want) {
			t.Errorf("%s: %q, want %q", c.peer, got, c.want)
		}
	}
}

func fromHex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
