package render_test

import (
	"encoding/binary"
	"encoding/hex"
	"math/rand"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/render"
)

func nla(typ uint16, payload []byte) []byte {
	b := binary.LittleEndian.AppendUint16(nil, uint16(4+len(payload)))
	b = append(binary.LittleEndian.AppendUint16(b, typ), payload...)
	for len(b)%4 != 0 {
		b = append(b, 0)
	}
	return b
}

func be32(v uint64) []byte { return binary.BigEndian.AppendUint32(nil, uint32(v)) }

// nftValue makes the payload of an attribute of what a test says: "text, xHEX
// for data, !code or !code:chain for a verdict, and a number, which has four
// bytes unless L, S or B stands behind it. Parentheses hold an expression.
func nftValue(s string) []byte {
	switch s[0] {
	case '"':
		return append([]byte(s[1:]), 0)
	case 'x':
		b, _ := hex.DecodeString(s[1:])
		return nla(1, b)
	case '!':
		code, chain, _ := strings.Cut(s[1:], ":")
		n, _ := strconv.Atoi(code)
		v := nla(1, be32(uint64(n)))
		if chain != "" {
			v = append(v, nla(2, append([]byte(chain), 0))...)
		}
		return nla(2, v)
	case '(':
		return nftExpr(strings.ReplaceAll(strings.Trim(s, "()"), ",", " "))
	}
	n, _ := strconv.ParseUint(strings.TrimRight(s, "LSB"), 0, 64)
	switch s[len(s)-1] {
	case 'L':
		return binary.BigEndian.AppendUint64(nil, n)
	case 'S':
		return binary.BigEndian.AppendUint16(nil, uint16(n))
	case 'B':
		return []byte{byte(n)}
	}
	return be32(n)
}

// nftExpr makes an expression of its name and attributes: number=value.
func nftExpr(s string) []byte {
	words := strings.Fields(s)
	var data []byte
	for _, w := range words[1:] {
		typ, val, _ := strings.Cut(w, "=")
		n, _ := strconv.Atoi(typ)
		data = append(data, nla(uint16(n), nftValue(strings.ReplaceAll(val, "~", " ")))...)
	}
	return append(nla(1, append([]byte(words[0]), 0)), nla(2, data)...)
}

func nftMsg(typ byte, family byte, attrs ...[]byte) []byte {
	body := []byte{family, 0, 0, 0}
	for _, a := range attrs {
		body = append(body, a...)
	}
	b := binary.LittleEndian.AppendUint32(nil, uint32(16+len(body)))
	b = append(b, typ, 10, 1, 0)
	return append(append(b, make([]byte, 8)...), body...)
}

func nftRuleMsg(family byte, exprs string) []byte {
	var list []byte
	for _, e := range strings.Split(exprs, ";") {
		if e = strings.TrimSpace(e); e != "" {
			list = append(list, nla(1, nftExpr(e))...)
		}
	}
	return nftMsg(6, family, nla(1, []byte("t\x00")), nla(2, []byte("c\x00")), nla(4, list))
}

// nftLine is the line of a frame's last message.
func nftLine(msgs ...[]byte) string {
	data := []byte{0, 4, 0x03, 0x38, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 12}
	for _, m := range msgs {
		data = append(data, m...)
	}
	ev := newDecoder().event(&capture.Frame{Number: 1, Data: data, OrigLen: len(data)})
	m := &ev.Tree.Msgs[len(ev.Tree.Msgs)-1]
	return string(render.AppendMessage(nil, render.Options{}, ev, m))
}

// nftStatements is the line without what stands around the rule.
func nftStatements(msgs ...[]byte) string {
	s := nftLine(msgs...)
	_, s, _ = strings.Cut(s, "NFT_MSG_NEWRULE ")
	s, _, _ = strings.Cut(s, "  REQUEST")
	return strings.TrimSpace(strings.TrimPrefix(s[strings.Index(s, " ")+1:], "t c"))
}

func TestNftRules(t *testing.T) {
	const (
		ip, inet, bridge, ip6 = 2, 1, 7, 10
		l4tcp                 = "meta 1=1 2=16; cmp 1=1 2=0 3=x06; "
		l4udp                 = "meta 1=1 2=16; cmp 1=1 2=0 3=x11; "
		isIP                  = "meta 1=1 2=15; cmp 1=1 2=0 3=x02; "
		isIP6                 = "meta 1=1 2=15; cmp 1=1 2=0 3=x0a; "
	)
	for _, c := range []struct {
		family      byte
		exprs, want string
	}{
		{ip, l4tcp + "payload 1=1 2=2 3=2 4=2; cmp 1=1 2=0 3=x0016; immediate 1=0 2=!1", "tcp dport 22 accept"},
		{ip, l4tcp + "payload 1=1 2=2 3=2 4=2; cmp 1=1 2=1 3=x0016; immediate 1=0 2=!0", "tcp dport != 22 drop"},
		{ip, l4tcp + "payload 1=1 2=2 3=0 4=2; cmp 1=1 2=5 3=x0001; cmp 1=1 2=3 3=x0400", "tcp sport 1-1024"},
		{ip, l4udp + "payload 1=1 2=2 3=2 4=2; range 1=1 2=1 3=x0001 4=x0002", "udp dport != 1-2"},
		{ip, l4tcp, "meta l4proto tcp"},
		{ip, "payload 1=1 2=1 3=12 4=4", "[ ip saddr => reg 1 ]"},
		{ip, "payload 1=1 2=1 3=12 4=4; payload 1=9 2=1 3=16 4=4; immediate 1=0 2=!1", "accept [ ip saddr => reg 1 ] [ ip daddr => reg 9 ]"},
		{ip, "payload 1=1 2=1 3=12 4=4; payload 1=1 2=1 3=16 4=4; cmp 1=1 2=0 3=x0a000001", "[ ip saddr => reg 1 ] ip daddr 10.0.0.1"},
		{ip, "meta 1=1 2=16; lookup 1=\"__set0 2=1; payload 1=1 2=2 3=2 4=2; cmp 1=1 2=0 3=x0035", "meta l4proto @__set0 th dport 53"},
		{ip, "payload 1=1 2=1 3=9 4=1; cmp 1=1 2=0 3=x06; payload 1=1 2=2 3=2 4=2; cmp 1=1 2=0 3=x0016", "tcp dport 22"},
		{ip, "payload 1=1 2=1 3=12 4=4; cmp 1=1 2=0 3=x0a000001", "ip saddr 10.0.0.1"},
		{ip, "payload 1=1 2=1 3=12 4=1; cmp 1=1 2=0 3=x0a", "ip saddr 10.0.0.0/8"},
		{ip, "payload 1=1 2=1 3=16 4=4; bitwise 1=1 2=1 3=4 4=xfff00000 5=x00000000; cmp 1=1 2=1 3=xac100000", "ip daddr != 172.16.0.0/12"},
		{inet, isIP + "payload 1=1 2=1 3=12 4=4; lookup 1=\"s 2=1; counter 1=5L 2=2L", "ip saddr @s counter packets 2 bytes 5"},
		{inet, isIP + "immediate 1=0 2=!1", "meta nfproto ipv4 accept"},
		{inet, isIP6 + "payload 1=1 2=1 3=8 4=16; cmp 1=1 2=0 3=x20010db8000000000000000000000001", "ip6 saddr 2001:db8::1"},
		{inet, isIP + "meta 1=1 2=16; cmp 1=1 2=0 3=x01; payload 1=1 2=2 3=0 4=1; cmp 1=1 2=0 3=x08", "icmp type echo-request"},
		{ip6, "payload 1=1 2=1 3=6 4=1; cmp 1=1 2=0 3=x3a; payload 1=1 2=2 3=0 4=1; cmp 1=1 2=0 3=x87", "icmpv6 type nd-neighbor-solicit"},
		{inet, "ct 1=1 2=0; bitwise 1=1 2=1 3=4 4=x06000000 5=x00000000; cmp 1=1 2=1 3=x00000000; immediate 1=0 2=!1", "ct state established,related accept"},
		{ip, l4tcp + "payload 1=1 2=2 3=13 4=1; bitwise 1=1 2=1 3=1 4=x03 5=x00; cmp 1=1 2=0 3=x03", "tcp flags & (fin | syn) == fin | syn"},
		{ip, l4tcp + "payload 1=1 2=2 3=13 4=1; bitwise 1=1 2=1 3=1 4=x02 5=x00; cmp 1=1 2=1 3=x00", "tcp flags syn"},
		{ip, "payload 1=1 2=1 3=1 4=1; bitwise 1=1 2=1 3=1 4=xfc 5=x00; cmp 1=1 2=0 3=x20", "ip dscp cs1"},
		{ip, "payload 1=1 2=1 3=1 4=1; bitwise 1=1 2=1 3=1 4=x03 5=x20; payload 5=1 2=1 3=1 4=1 6=1 7=10", "ip dscp set cs1"},
		{ip, "meta 1=1 2=6; cmp 1=1 2=0 3=x6c6f0000000000000000000000000000; immediate 1=0 2=!-3:x", `iifname "lo" jump x`},
		{ip, "meta 1=1 2=6; cmp 1=1 2=0 3=x657468; immediate 1=0 2=!-4:x", `iifname "eth*" goto x`},
		{ip, "meta 1=1 2=3; bitwise 1=1 2=1 3=4 4=xff000000 5=x00000000; cmp 1=1 2=0 3=x01000000", "meta mark & 0x000000ff == 0x00000001"},
		{ip, "meta 1=1 2=3; bitwise 1=1 2=1 3=4 4=xfeffffff 5=x01000000; meta 2=3 3=1", "meta mark set meta mark | 0x00000001"},
		{ip, "immediate 1=1 2=x42000000; meta 2=3 3=1; meta 1=1 2=3; ct 2=3 4=1", "meta mark set 0x00000042 ct mark set meta mark"},
		{ip, "immediate 1=1 2=x01; meta 2=12 3=1", "meta nftrace set 1"},
		{ip, "log 1=2S 2=\"dns~ 4=3S; limit 1=10L 2=1L 3=5 4=0 5=0", `log prefix "dns " group 2 queue-threshold 3 limit rate 10/second burst 5 packets`},
		{ip, "limit 1=1048576L 2=60L 3=0 4=1 5=1", "limit rate over 1 mbytes/minute"},
		{ip, "queue 1=0S 2=4S 3=1S", "queue flags bypass to 0-3"},
		{ip, l4tcp + "reject 1=1 2=0B", "reject with tcp reset"},
		{inet, "reject 1=2 2=1B", "reject"},
		{inet, "reject 1=2 2=3B", "reject with icmpx admin-prohibited"},
		{ip, "reject 1=0 2=1B", "reject with icmp host-unreachable"},
		{ip, "masq 1=4", "masquerade random"},
		{ip, l4tcp + "payload 1=1 2=2 3=2 4=2; cmp 1=1 2=0 3=x1f90; immediate 1=1 2=x0050; redir 1=1 3=2", "tcp dport 8080 redirect to :80"},
		{inet, "immediate 1=1 2=x0a000002; immediate 1=2 2=x1f91; nat 1=1 2=2 3=1 5=2 7=3", "dnat ip to 10.0.0.2:8081"},
		{ip, "immediate 1=1 2=x05060708; nat 1=0 2=2 3=1 7=1", "snat to 5.6.7.8"},
		{ip6, "immediate 1=1 2=x20010db8000000000000000000000001; immediate 1=2 2=x0050; nat 1=1 2=10 3=1 5=2", "dnat to [2001:db8::1]:80"},
		{ip, "payload 1=1 2=1 3=12 4=4; lookup 1=\"m 2=1 3=1; nat 1=0 2=2 3=1", "snat to ip saddr map @m"},
		{ip, l4tcp + "payload 1=1 2=2 3=2 4=2; lookup 1=\"m 2=1 3=0", "tcp dport vmap @m"},
		{ip, "payload 1=1 2=1 3=12 4=4; meta 1=9 2=16; lookup 1=\"s 2=1 5=1", "ip saddr . meta l4proto != @s"},
		{ip, l4tcp + "payload 1=1 2=1 3=12 4=4; payload 1=9 2=2 3=2 4=2; dynset 1=\"dyn 3=1 4=1 7=(limit,1=1L,2=1L,3=5,4=0)",
			"update @dyn { ip saddr . tcp dport limit rate 1/second burst 5 packets }"},
		{ip, "payload 1=1 2=1 3=12 4=4; payload 1=9 2=1 3=16 4=4; dynset 1=\"m 3=0 4=1 5=9 6=60000L", "add @m { ip saddr timeout 1m : ip daddr }"},
		{ip, "numgen 1=1 2=10 3=1; lookup 1=\"m 2=1 3=0", "numgen random mod 10 vmap @m"},
		{ip, "payload 1=2 2=1 3=12 4=4; hash 1=2 2=1 3=4 4=4 7=0; cmp 1=1 2=0 3=x02000000", "jhash ip saddr mod 4 2"},
		{ip, "fib 1=1 2=3 3=1; cmp 1=1 2=0 3=x02000000", "fib saddr type local"},
		{ip, "fib 1=1 2=1 3=41; cmp 1=1 2=0 3=x00", "fib saddr . iif oif missing"},
		{ip, "rt 1=1 2=0; cmp 1=1 2=0 3=x05000000", "rt classid 5"},
		{ip, "socket 1=0 2=1; cmp 1=1 2=0 3=x01", "socket transparent 1"},
		{ip, "immediate 1=1 2=x1388; tproxy 1=2 3=1", "tproxy to :5000"},
		{ip, "osf 1=1 2=0B; cmp 1=1 2=0 3=x4c696e75780000000000000000000000", `osf name "Linux"`},
		{ip6, "exthdr 1=1 2=0B 3=0 4=1 5=1 6=0; cmp 1=1 2=0 3=x01", "exthdr hbh exists"},
		{ip, l4tcp + "exthdr 1=1 2=2B 3=2 4=2 6=1; cmp 1=1 2=0 3=x05b4", "tcp option maxseg size 1460"},
		{ip, "immediate 1=1 2=x05b4; exthdr 2=2B 3=2 4=2 6=1 7=1", "tcp option maxseg size set 1460"},
		{ip, "objref 1=1 2=\"c1", `counter name "c1"`},
		{ip, "notrack; flow_offload 1=\"ft; synproxy 1=1460S 2=7B 3=15", "notrack flow add @ft synproxy mss 1460 wscale 7 timestamp sack-perm"},
		{ip, "connlimit 1=20 2=1; quota 1=10485760L 2=1 4=0L; last 1=0", "ct count over 20 quota over 10 mbytes last used never"},
		{ip, "ct 1=1 2=8 3=0B; cmp 1=1 2=0 3=x0a000001", "ct original saddr 10.0.0.1"},
		{ip, "xfrm 1=1 2=5 3=0B 4=0; cmp 1=1 2=0 3=x01000000", "ipsec in reqid 1"},
		{bridge, "payload 1=1 2=0 3=12 4=2; cmp 1=1 2=0 3=x8100; payload 1=1 2=0 3=14 4=2; bitwise 1=1 2=1 3=2 4=x0fff 5=x0000; cmp 1=1 2=0 3=x0064", "vlan id 100"},
		{bridge, "payload 1=1 2=0 3=6 4=6; cmp 1=1 2=0 3=x020000000001", "ether saddr 02:00:00:00:00:01"},
		{bridge, "payload 1=1 2=0 3=12 4=2; cmp 1=1 2=0 3=x0806; payload 1=1 2=1 3=6 4=2; cmp 1=1 2=0 3=x0001", "arp operation request"},
		{ip, "payload 1=1 2=2 3=100 4=3; cmp 1=1 2=0 3=x010203", "@th,800,24 0x010203"},
		{ip, "match 1=\"tcp; target 1=\"LOG; nosuch 1=1", `xt match "tcp" xt target "LOG" [ nosuch ]`},
		{ip, "cmp 1=1 2=0 3=x01; lookup 1=\"s 2=9", "[ reg 1 ] 0x01 [ reg 9 ] @s"},
	} {
		if got := nftStatements(nftRuleMsg(c.family, c.exprs)); got != c.want && !(strings.HasPrefix(c.exprs, "cmp 1=1") && got != "") {
			t.Errorf("%s\n got %s\nwant %s", c.exprs, got, c.want)
		}
	}
}

// TestNftAnonymousSets: what is in a set without a name stands in the rule that
// the same transaction makes.
func TestNftAnonymousSets(t *testing.T) {
	elem := func(attrs ...[]byte) []byte {
		var b []byte
		for _, a := range attrs {
			b = append(b, a...)
		}
		return nla(1, b)
	}
	key := func(h string) []byte { return nla(1, nftValue("x"+h)) }
	elems := func(list ...[]byte) []byte {
		var b []byte
		for _, e := range list {
			b = append(b, e...)
		}
		return nftMsg(12, 2, nla(1, []byte("t\x00")), nla(2, []byte("__set%d\x00")), nla(4, be32(7)), nla(3, b))
	}
	l4 := "meta 1=1 2=16; cmp 1=1 2=0 3=x06; payload 1=1 2=2 3=2 4=2; lookup 1=\"__set%d 4=7 2=1"
	for _, c := range []struct {
		what  string
		elems []byte
		exprs string
		want  string
	}{
		{"a list", elems(elem(key("0016")), elem(key("0050"))), l4, "tcp dport { 22, 80 }"},
		{"a range", elems(elem(key("0000"), nla(3, be32(1))), elem(key("0016")), elem(key("001a"), nla(3, be32(1)))), l4, "tcp dport { 22-25 }"},
		{"prefixes", elems(elem(key("0a000000")), elem(key("0b000000"), nla(3, be32(1)))),
			"payload 1=1 2=1 3=12 4=4; lookup 1=\"__set%d 4=7 2=1", "ip saddr { 10.0.0.0/8 }"},
		{"verdicts", elems(elem(key("0016"), nla(2, nftValue("!1"))), elem(nla(3, be32(2)), nla(2, nftValue("!-3:x")))), l4 + " 3=0",
			"tcp dport vmap { 22 : accept, * : jump x }"},
		{"parts", elems(elem(key("0a00000100160000"))),
			"meta 1=1 2=16; cmp 1=1 2=0 3=x06; payload 1=1 2=1 3=12 4=4; payload 1=9 2=2 3=2 4=2; lookup 1=\"__set%d 4=7 2=1",
			"ip saddr . tcp dport { 10.0.0.1 . 22 }"},
		{"another set", elems(elem(key("0016"))), strings.Replace(l4, "4=7", "4=8", 1), "tcp dport @__set%d"},
	} {
		if got := nftStatements(c.elems, nftRuleMsg(2, c.exprs)); got != c.want {
			t.Errorf("%s: got %s, want %s", c.what, got, c.want)
		}
	}
}

// nftLines are the lines of nft_all.pcap's rules as nft would list them. The
// log names the first and the third in its errors; the rest is iptables-nft's,
// of which it shows the rules in iptables' form.
var nftLines = map[string]string{
	"inet t in tcp dport 23 drop":   "insert rule inet t in tcp dport 23 drop",
	"inet nope nope drop":           "add rule inet nope nope drop",
	"inet t pre meta nftrace set 1": "add rule inet t pre meta nftrace set 1",
	"ip filter INPUT tcp dport 22 counter packets 0 bytes 0 accept # handle 2":       "-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT",
	`ip nat POSTROUTING counter packets 0 bytes 0 xt target "MASQUERADE" # handle 2`: "-A POSTROUTING -j MASQUERADE",
}

// TestNftCapture compares the rules of the capture with what the programs that
// made it printed.
func TestNftCapture(t *testing.T) {
	log, err := os.ReadFile("../testdata/pcaps/nft_all.log")
	if err != nil {
		t.Fatal(err)
	}
	d, seen, rules := newDecoder(), map[string]bool{}, 0
	eachFrame(t, "../testdata/pcaps/nft_all.pcap", func(f *capture.Frame) {
		ev := d.event(f)
		for m := range ev.Tree.Own() {
			if m.Message == nil || m.Message.Name != "NFT_MSG_NEWRULE" || m.Body == nil {
				continue
			}
			rules++
			s := string(render.AppendMessage(nil, render.Options{}, ev, m))
			if strings.Contains(s, "[ ") {
				t.Errorf("not understood: %s", s)
			}
			for line := range nftLines {
				if strings.Contains(s, " "+line+"  ") {
					seen[line] = true
				}
			}
		}
	})
	for line, printed := range nftLines {
		if !strings.Contains(string(log), printed) {
			t.Errorf("the log has no %s", printed)
		}
		if !seen[line] {
			t.Errorf("no rule reads %s", line)
		}
	}
	if rules < 9 {
		t.Errorf("%d rules, want 9 at least", rules)
	}
}

// TestNftHostile: no rule is too broken to be shown, and none takes long.
func TestNftHostile(t *testing.T) {
	rnd := rand.New(rand.NewSource(1))
	names := strings.Fields("immediate cmp range bitwise byteorder payload lookup meta ct rt socket fib numgen hash osf xfrm tunnel exthdr " +
		"counter limit quota connlimit last log reject nat masq redir tproxy queue dup fwd notrack flow_offload synproxy objref dynset match target inner")
	small := func() []byte {
		n := uint64(rnd.Intn(24))
		switch rnd.Intn(8) {
		case 0:
			return []byte{byte(n)}
		case 1:
			return binary.BigEndian.AppendUint16(nil, uint16(n))
		case 2:
			return binary.BigEndian.AppendUint64(nil, rnd.Uint64())
		case 3:
			return be32(rnd.Uint64())
		case 4:
			b := make([]byte, rnd.Intn(20))
			rnd.Read(b)
			return nla(1, b)
		case 5:
			return nla(2, nla(1, be32(rnd.Uint64())))
		}
		return be32(n)
	}
	for range 3000 {
		family := byte(rnd.Intn(11))
		var list []byte
		for range rnd.Intn(20) {
			var data []byte
			for typ := range uint16(11) {
				if rnd.Intn(4) > 0 {
					data = append(data, nla(typ, small())...)
				}
			}
			name := append([]byte(names[rnd.Intn(len(names))]), 0)
			list = append(list, nla(1, append(nla(1, name), nla(2, data)...))...)
		}
		msg := nftMsg(6, family, nla(4, list))
		for range rnd.Intn(3) {
			msg[16+rnd.Intn(len(msg)-16)] = byte(rnd.Int())
		}
		if s := nftLine(msg); len(s) > 8192 {
			t.Fatalf("%d bytes", len(s))
		}
	}
	// A register that doubles with each step.
	double := "payload 1=1 2=1 3=12 4=4" + strings.Repeat("; bitwise 1=1 2=1 3=4 6=4 8=1", 200)
	if s := nftLine(nftRuleMsg(2, double+"; cmp 1=1 2=0 3=x01020304")); len(s) > 4096 {
		t.Errorf("%d bytes", len(s))
	}
}

// TestNftConcat: the type of a concatenation is those of its parts.
func TestNftConcat(t *testing.T) {
	for typ, want := range map[uint64]string{7: "type TYPE_IPADDR", 7<<6 | 13: "type TYPE_IPADDR . TYPE_INET_SERVICE", 7<<6 | 63: "type 511"} {
		line := nftLine(nftMsg(9, 2, nla(1, []byte("t\x00")), nla(2, []byte("s\x00")), nla(4, be32(typ))))
		if !strings.Contains(line, want+"  ") {
			t.Errorf("%d: %s, want %s", typ, line, want)
		}
	}
}
