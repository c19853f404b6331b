package capfilter

import "testing"

// le makes a frame of messages given as (type, flags, body).
func le(proto uint8, msgs ...lemsg) *Frame {
	f := &Frame{Proto: proto, IDs: ids}
	for _, m := range msgs {
		n := hdrLen + len(m.body)
		f.Data = append(f.Data, byte(n), byte(n>>8), 0, 0, byte(m.typ), byte(m.typ>>8), byte(m.flags), byte(m.flags>>8),
			byte(m.seq), 0, 0, 0, byte(m.portid), byte(m.portid>>8), 0, 0)
		f.Data = append(f.Data, m.body...)
		for len(f.Data)%4 != 0 {
			f.Data = append(f.Data, 0)
		}
	}
	return f
}

type lemsg struct {
	typ, flags  uint16
	seq, portid uint16
	body        []byte
}

// answer is the body of an NLMSG_ERROR to a request of a type.
func answer(errno int8, typ byte, rest ...byte) []byte {
	s := byte(errno >> 7)
	return append([]byte{byte(errno), s, s, s, byte(16 + len(rest)), 0, 0, 0, typ, 0, 5, 0, 1, 0, 0, 0, 0, 0, 0, 0}, rest...)
}

func TestMatch(t *testing.T) {
	newlink := lemsg{typ: 16, flags: 5, seq: 7, body: make([]byte, 16)}
	notice := lemsg{typ: 16, portid: 77, body: make([]byte, 16)}
	route := lemsg{typ: 24, flags: 2, body: make([]byte, 12)}
	refused := lemsg{typ: 2, seq: 7, portid: 300, body: answer(-22, 16, 0, 0, 0, 0)}
	ack := lemsg{typ: 2, flags: flagCapped, portid: 300, body: answer(0, 16)}
	wiphy := lemsg{typ: 28, flags: 1, body: []byte{1, 0, 0, 0}}
	wiphyIs := lemsg{typ: 28, flags: 2, body: []byte{3, 0, 0, 0}}
	wiphyNo := lemsg{typ: 2, body: answer(-1, 28, 1, 0, 0, 0)}
	wiphyAck := lemsg{typ: 2, flags: flagCapped, body: answer(0, 28)}
	failed := lemsg{typ: 3, flags: 2, body: []byte{0xa1, 0xff, 0xff, 0xff}}
	done := lemsg{typ: 3, flags: 2, body: []byte{0, 0, 0, 0}}
	rule := lemsg{typ: 0xa06, flags: 1, body: make([]byte, 4)}
	short := &Frame{Proto: 0, Data: []byte{1, 2, 3}}
	uevent := &Frame{Proto: protoUevent, Data: []byte("add@/devices/virtual/net/x\x00ACTION=add\x00")}
	tests := []struct {
		filter string
		frame  *Frame
		want   bool
	}{
		{"", short, true},
		{"proto route", le(0, newlink), true},
		{"proto NETLINK_ROUTE", le(16, wiphy), false},
		{"proto route", short, true},
		{"proto 15", uevent, true},
		{"type 24932", uevent, false}, // "da", where a type would be
		{"not type 16", uevent, true},
		{"type RTM_NEWLINK", le(0, newlink), true},
		{"type rtm_newlink", le(0, notice), true},
		{"type newlink", le(0, newlink), true},
		{"type RTM_NEWLINK", le(12, newlink), false},
		{"type 16", le(12, newlink), true},
		{"type RTM_NEWLINK", le(0, refused), true},
		{"type RTM_NEWLINK", le(0, ack), true},
		{"type RTM_NEWLINK", le(0, route, route, newlink), true},
		{"type RTM_NEWLINK", le(0, route, route), false},
		{"not type RTM_NEWLINK", le(0, newlink, route), true},
		{"not type RTM_NEWLINK", le(0, newlink, newlink), false},
		{"type RTM_*LINK", le(0, newlink), true},
		{"type RTM_*LINK", le(0, route), false},
		{"type RTM_NEWROUTE, RTM_DELLINK", le(0, route), true},
		{"type NLMSG_ERROR", le(12, ack), true},
		{"family nl80211", le(16, wiphy), true},
		{"family nl80211", le(16, wiphyAck), true},
		{"family nl80211", le(16, wiphyNo), true},
		{"family nl80211", le(0, wiphy), false},
		{"family 28", le(16, wiphy), true},
		{"family nl80211", le(16, lemsg{typ: 41, body: []byte{1, 0, 0, 0}}), true}, // learned later
		{"family nlctrl", le(16, lemsg{typ: 16, body: []byte{1, 0, 0, 0}}), true},
		{"family rt-link", le(0, newlink), true},
		{"family rt-link", le(0, route), false},
		{"family nftables", le(12, rule), true},
		{"family nftables, nl80211", le(16, wiphy), true},
		{"cmd NL80211_CMD_GET_WIPHY", le(16, wiphy), true},
		{"cmd NL80211_CMD_GET_WIPHY", le(16, wiphyNo), true},
		{"cmd NL80211_CMD_GET_WIPHY", le(16, wiphyAck), false}, // it does not say
		{"cmd NL80211_CMD_GET_WIPHY", le(16, wiphyIs), false},
		{"cmd NL80211_CMD_NEW_WIPHY", le(16, wiphyIs), true},
		{"cmd 3", le(16, wiphyIs), true},
		{"cmd 3", le(0, wiphyIs), false},
		{"request", le(0, newlink), true},
		{"request", le(0, notice), false},
		{"reply", le(0, notice), true},
		{"reply", short, false},
		{"error", le(0, refused), true},
		{"error", le(0, ack), false},
		{"error EINVAL", le(0, refused), true},
		{"error ENOENT,einval", le(0, refused), true},
		{"error ENOENT", le(0, refused), false},
		{"error", le(0, failed), true},
		{"error EOPNOTSUPP", le(0, failed), true},
		{"error", le(0, done), false},
		{"error", le(protoConn, failed), false},
		{"error", le(protoNetflt, failed), true},
		{"error", le(protoNetflt, lemsg{typ: 3, body: failed.body}), false},                               // behind logged packets
		{"not type 16", &Frame{Proto: 0, Data: append(le(0, newlink).Data, make([]byte, 900)...)}, false}, // a buffer's rest
		{"type 0", &Frame{Proto: 0, Data: make([]byte, 40)}, true},
		{"ack", le(0, ack), true},
		{"ack", le(0, refused), false},
		{"ack", le(0, done), false},
		{"portid 77", le(0, notice), true},
		{"portid 77", le(0, newlink), false},
		{"portid > 76 and portid < 78", le(0, notice), true},
		{"seq 7", le(0, newlink), true},
		{"seq != 7", le(0, newlink), false},
		{"len 32", le(0, newlink), true},
		{"len > 32", le(0, newlink), false},
		{"len >= 32", le(0, newlink), true},
		{"type RTM_NEWLINK or proto generic and reply", le(16, wiphyIs), true},
		{"(type RTM_NEWLINK or proto generic) && !reply", le(16, wiphyIs), false},
		// Both hold of a message, not of two of one datagram.
		{"type RTM_NEWROUTE and seq 7", le(0, newlink, route), false},
	}
	for _, tt := range tests {
		f, err := Parse(tt.filter, testNames{})
		if err != nil {
			t.Errorf("%s: %v", tt.filter, err)
			continue
		}
		if got := f.Match(tt.frame); got != tt.want {
			t.Errorf("%s on % x: got %v", tt.filter, tt.frame.Data, got)
		}
		check(t, f, f.program(ids.known, 0, false), tt.frame)
	}
}
