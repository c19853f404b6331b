package capfilter

import (
	"encoding/binary"
	"math/rand/v2"
	"strings"

	cbpf "golang.org/x/net/bpf"
)

// testNames is a small world of names.
type testNames struct{}

var testProtos = map[string]uint8{
	"NETLINK_ROUTE": 0, "route": 0, "NETLINK_SOCK_DIAG": 4, "NETLINK_CONNECTOR": 11, "NETLINK_NETFILTER": 12,
	"netfilter": 12, "NETLINK_KOBJECT_UEVENT": 15, "NETLINK_GENERIC": 16, "generic": 16,
}

func (testNames) Protocol(name string) (uint8, bool) {
	for n, v := range testProtos {
		if strings.EqualFold(n, name) {
			return v, true
		}
	}
	return 0, false
}

func (testNames) Protocols() []string {
	return []string{"NETLINK_ROUTE", "NETLINK_SOCK_DIAG", "NETLINK_CONNECTOR", "NETLINK_NETFILTER", "NETLINK_KOBJECT_UEVENT", "NETLINK_GENERIC"}
}

func (testNames) Messages() []Message {
	type m = Message
	return []Message{
		m{Name: "NLMSG_ERROR", Any: true, ID: 2, Req: true, Rep: true},
		m{Name: "NLMSG_DONE", Any: true, ID: 3, Req: true, Rep: true},
		m{Name: "RTM_NEWLINK", Short: "newlink", Proto: 0, ID: 16, Req: true, Rep: true},
		m{Name: "RTM_DELLINK", Short: "dellink", Proto: 0, ID: 17, Req: true, Rep: true},
		m{Name: "RTM_GETLINK", Short: "getlink", Proto: 0, ID: 18, Req: true, Rep: true},
		m{Name: "RTM_NEWROUTE", Short: "newroute", Proto: 0, ID: 24, Req: true, Rep: true},
		m{Name: "NFT_MSG_NEWRULE", Short: "newrule", Proto: 12, ID: 0xa06, Req: true, Rep: true},
		m{Name: "NL80211_CMD_GET_WIPHY", Short: "get-wiphy", Genl: "nl80211", ID: 1, Req: true},
		m{Name: "NL80211_CMD_NEW_WIPHY", Short: "new-wiphy", Genl: "nl80211", ID: 3, Rep: true},
		m{Name: "CTRL_CMD_NEWFAMILY", Short: "newfamily", Genl: "nlctrl", ID: 1, Rep: true},
		m{Name: "CTRL_CMD_GETFAMILY", Short: "getfamily", Genl: "nlctrl", ID: 3, Req: true, Rep: true},
		m{Name: "DEVLINK_CMD_GET", Short: "get", Genl: "devlink", ID: 1, Req: true, Rep: true},
		m{Name: "MACSEC_CMD_GET_TXSC", Short: "get-txsc", Genl: "macsec", ID: 0, Req: true, Rep: true},
	}
}

func (testNames) Families() []Family {
	return []Family{
		{Name: "nl80211", Genl: "nl80211", Proto: 16}, {Name: "devlink", Genl: "devlink", Proto: 16},
		{Name: "nlctrl", Genl: "nlctrl", Proto: 16}, {Name: "macsec", Genl: "macsec", Proto: 16},
		{Name: "tcp-metrics", Genl: "tcp_metrics", Proto: 16},
		{Name: "nftables", Proto: 12, Types: []Range{{0xa00, 0xaff}}},
		{Name: "rt-link", Proto: 0, Types: []Range{{16, 19}}},
	}
}

var testErrnos = map[string]int{"EPERM": 1, "ENOENT": 2, "EINVAL": 22, "EOPNOTSUPP": 95}

func (testNames) Errno(name string) (int, bool) {
	v, ok := testErrnos[strings.ToUpper(name)]
	return v, ok
}
func (testNames) Errnos() []string { return []string{"EPERM", "ENOENT", "EINVAL", "EOPNOTSUPP"} }

// testIDs are names of ids; those in later were not known when the program was
// made.
type testIDs struct{ known, later KnownIDs }

func (t testIDs) Name(id uint16, _ int) string {
	if n, ok := t.known[id]; ok {
		return n
	}
	return t.later[id]
}

var ids = testIDs{
	known: KnownIDs{16: "nlctrl", 21: "devlink", 28: "nl80211", 30: "tcp_metrics", 31: "other"},
	later: KnownIDs{40: "macsec", 41: "nl80211", 42: "unheard"},
}

// runVM runs a program on a frame in x/net's virtual machine, which does not
// know the protocol's extension: it is put in as a constant.
func runVM(p []cbpf.Instruction, proto uint8, data []byte) (int, error) {
	ins := make([]cbpf.Instruction, len(p))
	for i, in := range p {
		if in == (cbpf.LoadExtension{Num: cbpf.ExtProto}) {
			in = cbpf.LoadConstant{Dst: cbpf.RegA, Val: uint32(proto)}
		}
		ins[i] = in
	}
	vm, err := cbpf.NewVM(ins)
	if err != nil {
		return 0, err
	}
	return vm.Run(data)
}

// randomFilter writes a filter.
func randomFilter(r *rand.Rand, depth int) string {
	pick := func(s ...string) string { return s[r.IntN(len(s))] }
	if depth > 0 {
		switch r.IntN(6) {
		case 0, 1:
			return randomFilter(r, depth-1) + pick(" and ", " && ") + randomFilter(r, depth-1)
		case 2:
			return randomFilter(r, depth-1) + pick(" or ", " || ") + randomFilter(r, depth-1)
		case 3:
			return pick("not ", "!") + "(" + randomFilter(r, depth-1) + ")"
		}
	}
	num := func() string {
		return pick(" ", " = ", " != ", " < ", " <= ", " > ", " >= ") + pick("0", "16", "20", "36", "40", "1000", "305419896", "4294967295")
	}
	return pick("", "", "not ") + pick(
		"proto "+pick("route", "generic", "netfilter", "4", "11", "15", "NETLINK_*"),
		"type "+pick("RTM_NEWLINK", "RTM_*LINK", "RTM_*", "newrule", "NLMSG_ERROR", "NLMSG_DONE", "16", "28", "0", "RTM_NEWLINK, NFT_MSG_NEWRULE", "3", "2"),
		"family "+pick("nl80211", "devlink", "macsec", "nlctrl", "28", "2", "tcp-metrics", "nftables", "rt-link", "nftables, macsec", `"unheard"`),
		"cmd "+pick("NL80211_CMD_GET_WIPHY", "new-wiphy", "get", "CTRL_CMD_*", "1", "0", "*", "MACSEC_CMD_GET_TXSC"),
		"request", "reply", "ack", "error", "error "+pick("EINVAL", "ENOENT", "1", "EPERM,EINVAL"),
		"portid"+num(), "seq"+num(), "len"+num(),
	)
}

// randomFrame makes a datagram that is mostly well formed.
func randomFrame(r *rand.Rand, big bool) (uint8, []byte) {
	var order binary.ByteOrder = binary.LittleEndian
	if big {
		order = binary.BigEndian
	}
	protos := []uint8{0, 0, 0, 16, 16, 16, 16, 12, 4, 11, 15, 2}
	types := []uint16{16, 16, 17, 18, 24, 2, 2, 2, 3, 3, 0xa06, 28, 28, 21, 30, 31, 40, 41, 42, 43, 0, 1, 1000, 0x1c00}
	nums := []uint32{0, 0, 1, 16, 20, 36, 1000, 0x12345678, 0x78563412, 0xffffffff}
	pick32 := func() uint32 { return nums[r.IntN(len(nums))] }
	var data []byte
	header := func(length uint32) []byte {
		b := make([]byte, hdrLen)
		order.PutUint32(b, length)
		order.PutUint16(b[4:], types[r.IntN(len(types))])
		order.PutUint16(b[6:], []uint16{0, 1, 1, 2, 5, 0x100, 0x300, 0x301}[r.IntN(8)])
		order.PutUint32(b[8:], pick32())
		order.PutUint32(b[12:], pick32())
		return b
	}
	for range 1 + r.IntN(3)*r.IntN(2) {
		body := make([]byte, r.IntN(40))
		for i := range body {
			body[i] = byte(r.IntN(4))
		}
		m := append(header(0), body...)
		switch typ := order.Uint16(m[4:]); {
		case typ <= 3 && r.IntN(8) > 0:
			m = binary.NativeEndian.AppendUint32(m[:hdrLen], 0)
			errnos := []int32{0, 0, -1, -22, -2, 22, -4000}
			order.PutUint32(m[hdrLen:], uint32(errnos[r.IntN(len(errnos))]))
			m = append(m, header(36)...)
			m = append(m, body[:r.IntN(len(body)+1)]...)
			m = m[:len(m)-r.IntN(8)*r.IntN(2)]
		}
		length := uint32(len(m))
		switch r.IntN(16) {
		case 0:
			length = pick32()
		case 1:
			length -= min(length, uint32(r.IntN(12)))
		}
		order.PutUint32(m, length)
		data = append(data, m...)
		if r.IntN(8) > 0 {
			for len(data)%4 != 0 {
				data = append(data, 0)
			}
		}
	}
	if r.IntN(8) == 0 {
		data = data[:r.IntN(len(data)+1)]
	}
	return protos[r.IntN(len(protos))], data
}
