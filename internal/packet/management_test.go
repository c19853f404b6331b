package packet

import "testing"

// TestManagement: numbers keep standing beside their names, and those without a
// name alone.
func TestManagement(t *testing.T) {
	for _, c := range []struct {
		layer uint16
		data  string
		want  string
	}{
		{deauth, "0300", "reason 3 WLAN_REASON_DEAUTH_LEAVING"},
		{disassoc, "0f00", "reason 15 WLAN_REASON_4WAY_HANDSHAKE_TIMEOUT"},
		{deauth, "e703", "reason 999"},
		{auth, "0300 0100 7e00", "algorithm 3 WLAN_AUTH_SAE sequence 1 status 126 WLAN_STATUS_SAE_HASH_TO_ELEMENT"},
		{auth, "4d00 0200 bb0b", "algorithm 77 sequence 2 status 3003"},
		{assocResp, "1104 0000 01c0", "capability 0x411 ESS|PRIVACY|SHORT_SLOT_TIME status 0 WLAN_STATUS_SUCCESS aid 1"},
		{assocReq, "0020 0a00", "capability 0x2000 listen-interval 10"},
		{reassocReq, "0120 0a00 020000000001", "capability 0x2001 ESS|0x2000 listen-interval 10 current 02:00:00:00:00:01"},
		{beacon, "0100000000000000 6400 0100", "timestamp 1 interval 100 capability 0x1 ESS"},
		{action, "0401", "category 4 WLAN_CATEGORY_PUBLIC action 1"},
		{action, "b2", "category 50 error"},
		{action, "040200ff", "category 4 WLAN_CATEGORY_PUBLIC action 2 data 00ff"},
	} {
		if got := string(Append(nil, c.layer, bytesOf(t, c.data))); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.data, got, c.want)
		}
	}
}
