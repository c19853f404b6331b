package craft

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/encode"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/render"
)

func made(t *testing.T, words ...string) *encode.Message {
	t.Helper()
	db := families.Embedded()
	m, n, err := Find(db, words)
	if err != nil {
		t.Fatal(err)
	}
	v := New(m, nil)
	for _, w := range words[n:] {
		if err := Assign(v, m, w); err != nil {
			t.Fatalf("%s: %v", w, err)
		}
	}
	msg, err := encode.New(db).Encode(v, encode.Options{Whole: true, FamilyID: func(string) uint16 { return 30 }, IfIndex: func(string) uint32 { return 7 }})
	if err != nil {
		t.Fatalf("%v: %v", words, err)
	}
	return msg
}

// TestRequests: what is typed is what a line says of the message.
func TestRequests(t *testing.T) {
	for _, c := range []struct {
		words string
		want  string
	}{
		{"RTM_NEWLINK IFLA_IFNAME=d0 IFLA_LINKINFO/IFLA_INFO_KIND=vxlan IFLA_LINKINFO/IFLA_INFO_DATA/IFLA_VXLAN_ID=7",
			"RTM_NEWLINK d0 kind vxlan {id 7}"},
		{"rt-link newlink ifname=d0 linkinfo/kind=dummy mtu=1400", "RTM_NEWLINK d0 kind dummy mtu 1400"},
		{"RTM_NEWADDR ifa_family=AF_INET6 ifa_index=eth7 ifa_prefixlen=64 IFA_LOCAL=2001:db8::1 IFA_FLAGS=PERMANENT|NODAD",
			"RTM_NEWADDR 2001:db8::1/64 scope RT_SCOPE_UNIVERSE dev if7 flags NODAD|PERMANENT AF_INET6"},
		{"RTM_NEWQDISC tcm_ifindex=3 tcm_parent=root tcm_handle=1: TCA_KIND=htb", "RTM_NEWQDISC htb handle 1: parent TC_H_ROOT dev if3"},
		{"ethtool ETHTOOL_MSG_CHANNELS_SET ETHTOOL_A_CHANNELS_HEADER/ETHTOOL_A_HEADER_DEV_NAME=veth0 combined-count=1", "ETHTOOL_MSG_CHANNELS_SET veth0 combined 1"},
		{"RTM_NEWROUTE rtm_family=AF_INET rtm_dst_len=8 RTA_DST=10.0.0.0 RTA_MULTIPATH[0]/RTA_GATEWAY=192.0.2.1 RTA_MULTIPATH[1]/RTA_GATEWAY=192.0.2.2",
			"10.0.0.0/8 nexthop [via 192.0.2.1, via 192.0.2.2]"},
		{"NFT_MSG_NEWRULE nfgen_family=NFPROTO_IPV4 NFTA_RULE_TABLE=t NFTA_RULE_CHAIN=c " +
			"NFTA_RULE_EXPRESSIONS/NFTA_LIST_ELEM[0]/NFTA_EXPR_NAME=counter NFTA_RULE_EXPRESSIONS/NFTA_LIST_ELEM[1]/NFTA_EXPR_NAME=log", "NFT_MSG_NEWRULE ip t c counter packets 0 bytes 0 log"},
		{`RTM_NEWLINK IFLA_PROP_LIST:={"IFLA_ALT_IFNAME":["uplink","up"]}`, "uplink"},
		{"WG_CMD_GET_DEVICE WGDEVICE_A_IFNAME=wg0", "WG_CMD_GET_DEVICE wg0"},
	} {
		m := made(t, strings.Fields(c.words)...)
		tree := decode(dissect.New(families.Embedded()), m)
		line := string(render.NewLine(render.Options{}).Frame(nil, &render.Event{Number: 1, Tree: tree}))
		if !strings.Contains(line, c.want) {
			t.Errorf("%s\n got %swant %s", c.words, line, c.want)
		}
		for _, f := range Check(families.Embedded(), m) {
			if strings.Contains(f, "attr.") {
				t.Errorf("%s: %s", c.words, f)
			}
		}
	}
}

func TestMistakes(t *testing.T) {
	db := families.Embedded()
	for _, c := range []struct{ words, want string }{
		{"NOSUCH", "no request is called that: NOSUCH"},
		{"ethtool NOSUCH", "ethtool has no NOSUCH, but ETHTOOL_MSG_STRSET_GET"},
		{"rt-link", "rt-link has RTM_NEWLINK"},
		{"RTM_NEWLINK IFLA_MTUU=1", "no member or attribute IFLA_MTUU (hint: IFLA_MTU)"},
		{"RTM_NEWLINK IFLA_MTU/x=1", "no member or attribute x"},
		{"RTM_NEWLINK =1", "no member or attribute =1"},
		{"RTM_NEWLINK IFLA_MTU[x]/y=1", "is no place in a list"},
		{"RTM_NEWLINK IFLA_LINKINFO//x=1", "has an empty name"},
		{"RTM_NEWLINK IFLA_MTU:={", "the JSON ends too early"},
		{"RTM_NEWLINK IFLA_MTU=abc", `attrs/IFLA_MTU: "abc" is no number`},
		{"RTM_NEWLINK IFLA_MTU=5000000000", "does not fit into 32 bits"},
		{"RTM_NEWLINK IFLA_OPERSTATE=x", "is no value of"},
		{"RTM_NEWLINK IFLA_ADDRESS=zz", "is no address"},
		{"RTM_NEWLINK IFLA_LINKINFO=x", "attributes are an object"},
	} {
		words := strings.Fields(c.words)
		m, n, err := Find(db, words)
		if err == nil {
			v := New(m, nil)
			for _, w := range words[n:] {
				err = errors.Join(err, Assign(v, m, w))
			}
			if err == nil {
				_, err = encode.New(db).Encode(v, encode.Options{Whole: true})
			}
		}
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", c.words, err, c.want)
		}
	}
}

func TestComplete(t *testing.T) {
	db := families.Embedded()
	for _, c := range []struct{ words, word, want string }{
		{"", "RTM_NEWLI", "RTM_NEWLINK"},
		{"", "wireg", "wireguard"},
		{"RTM_NEWLINK", "ifi_i", "ifi_index="},
		{"RTM_NEWLINK", "IFLA_LINKI", "IFLA_LINKINFO/"},
		{"RTM_NEWLINK", "IFLA_LINKINFO/IFLA_INFO_KIND=vxl", "IFLA_LINKINFO/IFLA_INFO_KIND=vxlan"},
		{"RTM_NEWLINK", "IFLA_OPERSTATE=up", "IFLA_OPERSTATE=IF_OPER_UP"},
		{"RTM_NEWLINK", "ifi_flags=IFF_UP|IFF_PROM", "ifi_flags=IFF_UP|IFF_PROMISC"},
		{"NFT_MSG_NEWRULE", "NFTA_RULE_EXPRESSIONS/NFTA_LIST_ELEM[1]/NFTA_EXPR_N", "NFTA_RULE_EXPRESSIONS/NFTA_LIST_ELEM[1]/NFTA_EXPR_NAME="},
	} {
		var got []string
		if c.words == "" {
			got = Names(db, c.word)
		} else {
			m, _, err := Find(db, strings.Fields(c.words))
			if err != nil {
				t.Fatal(err)
			}
			got = Complete(m, c.word)
		}
		if !slices.ContainsFunc(got, func(s string) bool { s, _, _ = strings.Cut(s, "\t"); return s == c.want }) {
			t.Errorf("%s %s: %q has no %s", c.words, c.word, got, c.want)
		}
	}
}

// TestFuzz: a seed makes the same variants, all of them different messages whose
// lengths chain up, but for those whose nla_len was changed.
func TestFuzz(t *testing.T) {
	db := families.Embedded()
	m := made(t, "RTM_NEWLINK", "IFLA_IFNAME=d0", "IFLA_MTU=1500", "IFLA_LINKINFO/IFLA_INFO_KIND=vxlan", "IFLA_LINKINFO/IFLA_INFO_DATA/IFLA_VXLAN_ID=7")
	list := Fuzz(db, nil, m, 1, 200)
	if again := Fuzz(db, nil, m, 1, 200); !slices.EqualFunc(list, again, func(a, b Variant) bool { return a.What == b.What && bytes.Equal(a.Data, b.Data) }) {
		t.Error("a seed makes different variants")
	}
	if other := Fuzz(db, nil, m, 2, 200); slices.EqualFunc(list, other, func(a, b Variant) bool { return bytes.Equal(a.Data, b.Data) }) {
		t.Error("another seed makes the same variants")
	}
	if len(list) != 200 {
		t.Fatalf("%d variants", len(list))
	}
	seen := map[string]bool{}
	kinds := map[string]int{}
	for _, v := range list {
		if bytes.Equal(v.Data, m.Data) {
			t.Errorf("%s: the request itself", v.What)
		}
		seen[string(v.Data)] = true
		x := *m
		x.Data = v.Data
		tree := decode(dissect.New(db), &x)
		if int(tree.Msgs[0].Len) != len(v.Data) {
			t.Errorf("%s: nlmsg_len %d of %d bytes", v.What, tree.Msgs[0].Len, len(v.Data))
		}
		for i := range tree.Findings {
			if n := tree.Findings[i].Name(); strings.HasPrefix(n, "attr.past") && !strings.Contains(v.What, "nla_len") {
				t.Errorf("%s: %s", v.What, n)
			}
		}
		for _, w := range []string{" = ", "left out", "twice", "empty", "NESTED", "nla_len", " bytes"} {
			if strings.Contains(v.What, w) {
				kinds[w]++
			}
		}
	}
	if len(kinds) < 7 || len(seen) < 150 {
		t.Errorf("%d different ones, of the kinds %v", len(seen), kinds)
	}
}

// TestReserved: flags without a name are said, and no others.
func TestReserved(t *testing.T) {
	for words, want := range map[string]string{
		"WG_CMD_SET_DEVICE WGDEVICE_A_IFNAME=wg0 WGDEVICE_A_FLAGS=0x81":               "WGDEVICE_A_FLAGS: 0x80 is reserved: no flag of that value has a name",
		"WG_CMD_SET_DEVICE WGDEVICE_A_IFNAME=wg0 WGDEVICE_A_FLAGS=0x1":                "",
		"RTM_NEWLINK ifi_index=1 ifi_flags=0x80000001":                                "ifi_flags: 0x80000000 is reserved: no flag of that value has a name",
		"RTM_NEWLINK ifi_index=1 ifi_flags=1 ifi_change=0xffffffff":                   "",
		"RTM_NEWADDR ifa_index=1 ifa_family=AF_INET IFA_FLAGS=0x20000000 ifa_flags=2": "IFA_FLAGS: 0x20000000 is reserved: no flag of that value has a name",
	} {
		got := ""
		for _, s := range Check(families.Embedded(), made(t, strings.Fields(words)...)) {
			if strings.Contains(s, "reserved") {
				got += s
			}
		}
		if got != want {
			t.Errorf("%s\n got %s\nwant %s", words, got, want)
		}
	}
}

// TestPolicy: what the kernel says that it accepts is held against a request, and
// gives the edges to vary it at.
func TestPolicy(t *testing.T) {
	pol, err := families.ParseSpec("policy.spec", `family ethtool
genl ethtool version 1
attrs p0 X_
  1 X_HEADER nest p1
  9 X_COMBINED u32 max=3
attrs p1 X_
  2 X_NAME string maxlen=4
body b
  attrs p0
messages Y_
  18 Y_SET b
`, nil)
	if err != nil {
		t.Fatal(err)
	}
	m := made(t, "ethtool", "ETHTOOL_MSG_CHANNELS_SET", "header/dev-name=veth0", "combined-count=4", "rx-count=1")
	got := strings.Join(CheckPolicy(pol, m), "\n")
	for _, want := range []string{"attr.range", "attr.unknown", "string.long"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in\n%s", want, got)
		}
	}
	edge := false
	for _, v := range Fuzz(families.Embedded(), pol, m, 1, 300) {
		edge = edge || v.What == "ETHTOOL_A_CHANNELS_COMBINED_COUNT = 0x3"
	}
	if !edge {
		t.Error("the policy's maximum was not tried")
	}
}
