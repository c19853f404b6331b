package flow

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/internal/phrase"
)

// rule is a reason for a refusal that no policy of the kernel holds. A row of
// testdata/why has a request that it explains, and one without the fault.
type rule struct {
	errno   string // that the kernel gives then, or several
	message string // names of message types or generic commands
	certain bool   // nothing else is looked at before
	check   check
}

// check looks for what is wrong with a request, and says it; "" if it is not.
type check func(r *request) string

// rules are those reasons, one a line. The comment names the kernel's function.
var rules = []rule{
	{"EINVAL", "RTM_NEWROUTE RTM_DELROUTE", true, prefix("rtm_dst_len")},                                                               // rtm_to_fib_config, rtm_to_fib6_config
	{"EINVAL", "RTM_NEWROUTE", true, of(afInet6, prefix("rtm_src_len"))},                                                               // ip6_route_info_create; IPv4 does not look
	{"EINVAL", "RTM_NEWADDR RTM_DELADDR", true, prefix("ifa_prefixlen")},                                                               // rtm_to_ifaddr
	{"EINVAL", "RTM_NEWRULE RTM_DELRULE", true, prefix("dst_len")},                                                                     // fib4_rule_configure
	{"EINVAL", "RTM_NEWRULE RTM_DELRULE", true, prefix("src_len")},                                                                     //
	{"EINVAL", "RTM_NEWROUTE", true, hostBits("RTA_DST", "rtm_dst_len")},                                                               // fib_valid_key_len
	{"EINVAL", "RTM_NEWADDR", true, of(afInet, lacks("", "IFA_LOCAL"))},                                                                // rtm_to_ifaddr; AF_INET6 takes IFA_ADDRESS
	{"EINVAL", "RTM_NEWNEIGH RTM_DELNEIGH", true, of(afInet, lacks("", "NDA_DST"))},                                                    // neigh_add, fdb_add
	{"EINVAL", "RTM_NEWLINK RTM_SETLINK", true, badName("IFLA_IFNAME")},                                                                // dev_valid_name
	{"EINVAL", "RTM_NEWLINK RTM_SETLINK", false, shorter("IFLA_ADDRESS", 6)},                                                           // validate_linkmsg: dev->addr_len
	{"EINVAL", "RTM_NEWNEIGH RTM_DELNEIGH", true, of(afBridge, lacks("", "NDA_LLADDR"))},                                               // fdb_add
	{"EINVAL", "RTM_NEWNEIGH", false, shorter("NDA_LLADDR", 6)},                                                                        // neigh_add, fdb_add: dev->addr_len
	{"EINVAL ERANGE", "RTM_SETLINK RTM_DELLINK RTM_NEWVLAN", true, above("vid", 4094)},                                                 // br_afspec, br_vlan_rtm_process_one
	{"EINVAL", "IPCTNL_MSG_CT_NEW IPCTNL_MSG_CT_GET IPCTNL_MSG_CT_DELETE", true, lacks("CTA_TUPLE_IP", "CTA_IP_V4_DST CTA_IP_V6_DST")}, // ipv4_nlattr_to_tuple
	{"EINVAL", "IPCTNL_MSG_CT_NEW IPCTNL_MSG_CT_GET IPCTNL_MSG_CT_DELETE", true, lacks("CTA_TUPLE_IP", "CTA_IP_V4_SRC CTA_IP_V6_SRC")},
	{"EINVAL", "IPCTNL_MSG_CT_NEW IPCTNL_MSG_CT_GET IPCTNL_MSG_CT_DELETE", true, lacks("CTA_TUPLE_PROTO", "CTA_PROTO_NUM")},               // ctnetlink_parse_tuple_proto
	{"EINVAL", "IPCTNL_MSG_CT_NEW IPCTNL_MSG_CT_GET", true, lacks("CTA_TUPLE_ORIG", "CTA_TUPLE_IP")},                                      // ctnetlink_parse_tuple_filter
	{"EINVAL", "IPCTNL_MSG_CT_NEW", false, lacks("", "CTA_TIMEOUT")},                                                                      // ctnetlink_create_conntrack
	{"EINVAL", "XFRM_MSG_NEWSA XFRM_MSG_UPDSA", true, algorithmKey("XFRMA_ALG_CRYPT XFRMA_ALG_AUTH XFRMA_ALG_AEAD XFRMA_ALG_AUTH_TRUNC")}, // verify_one_alg
	{"EINVAL", "XFRM_MSG_NEWSA XFRM_MSG_UPDSA", false, aesKey("XFRMA_ALG_CRYPT")},                                                         // crypto_aes_set_key
	{"EINVAL", "MACSEC_CMD_ADD_TXSA MACSEC_CMD_ADD_RXSA", false, keyOf("MACSEC_SA_ATTR_KEY", 16, 32)},                                     // macsec_add_txsa: secy->key_len
	{"EINVAL", "NL80211_CMD_NEW_KEY", true, cipherKey("NL80211_KEY_CIPHER", "NL80211_KEY_DATA")},                                          // cfg80211_validate_key_settings
	{"EINVAL", "NL80211_CMD_NEW_KEY", true, cipherKey("NL80211_ATTR_KEY_CIPHER", "NL80211_ATTR_KEY_DATA")},
	{"EOPNOTSUPP", "RTM_NEWLINK", false, unknownKind("IFLA_INFO_KIND", "link")}, // __rtnl_newlink
	{"ENOENT", "RTM_NEWQDISC", false, unknownKind("TCA_KIND", "qdisc")},         // qdisc_create
}

// errnoNumbers are the names in rules.
var errnoNumbers = map[string]int32{"ENOENT": eNOENT, "EINVAL": eINVAL, "ERANGE": eRANGE, "EOPNOTSUPP": eOPNOTSUPP}

// byRule returns what the rules say of a refused request.
func byRule(e *Exchange, t *dissect.Tree, m *dissect.Msg) []Cause {
	var out []Cause
	for i := range rules {
		if s := rules[i].says(e.Errno, t, m); s != "" {
			out = append(out, Cause{Text: s, Inferred: true, Likely: !rules[i].certain})
		}
	}
	return out
}

// says is the rule's reason for the refusal of a request, "" if it has none.
func (l *rule) says(errno int32, t *dissect.Tree, m *dissect.Msg) string {
	if m.Message == nil || !has(l.message, m.Message.Name) || !hasErrno(l.errno, errno) {
		return ""
	}
	return l.check(&request{t, m})
}

// has says whether a word is in a list of words.
func has(list, word string) bool {
	for w := range strings.FieldsSeq(list) {
		if w == word {
			return true
		}
	}
	return false
}

func hasErrno(list string, errno int32) bool {
	for w := range strings.FieldsSeq(list) {
		if errnoNumbers[w] == errno {
			return true
		}
	}
	return false
}

// request is a message that the kernel refused.
type request struct {
	t *dissect.Tree
	m *dissect.Msg
}

// row returns the first attribute or member with a name, -1 if there is none.
func (r *request) row(name string) int32 {
	for i := r.m.Node + 1; i < r.t.Nodes[r.m.Node].End; i++ {
		n := &r.t.Nodes[i]
		if n.Field != nil && n.Field.Name == name && (n.Kind == dissect.KindAttr || n.Kind == dissect.KindMember) {
			return i
		}
	}
	return -1
}

// bytes returns the payload of an attribute or member.
func (r *request) bytes(name string) []byte {
	i := r.row(name)
	if i < 0 {
		return nil
	}
	n := &r.t.Nodes[i]
	if n.Kind == dissect.KindMember {
		return r.t.Bytes(n)
	}
	const nlaHdr = 4
	b := r.t.Bytes(n)
	if size := int(dissect.Uint(b[:2], r.t.Big)); size >= nlaHdr && size <= len(b) {
		b = b[:size]
	}
	return b[nlaHdr:]
}

// number returns an integer, false if there is none.
func (r *request) number(name string) (uint64, bool) {
	i := r.row(name)
	if i < 0 {
		return 0, false
	}
	if n := &r.t.Nodes[i]; n.Kind == dissect.KindMember {
		return r.t.Uint(n), true
	}
	from, to := r.t.Payload(i)
	if from >= to {
		return 0, false
	}
	return r.t.Uint(&r.t.Nodes[from]), true
}

// family is the address family in the message's header: its first byte.
func (r *request) family() uint8 {
	if i := r.t.Body(r.m); i < r.t.Nodes[r.m.Node].End {
		if b := r.t.Bytes(&r.t.Nodes[i]); len(b) > 0 {
			return b[0]
		}
	}
	return 0
}

const afInet, afBridge, afInet6 = 2, 7, 10

// bits is how long an address of the request's family is, 0 if that is unknown.
func (r *request) bits() uint64 {
	switch r.family() {
	case afInet:
		return 32
	case afInet6:
		return 128
	}
	return 0
}

// above: a number is greater than the kernel takes.
func above(name string, most uint64) check {
	return func(r *request) string {
		if v, ok := r.number(name); ok && v > most {
			return fmt.Sprintf("%s is %d, at most %d", name, v, most)
		}
		return ""
	}
}

// prefix: a prefix is longer than an address of the family.
func prefix(name string) check {
	return func(r *request) string {
		if v, ok := r.number(name); ok && r.bits() > 0 && v > r.bits() {
			return fmt.Sprintf("%s is %d, an address of %s has %s", name, v, familyName(r.family()), phrase.Count(r.bits(), "bit"))
		}
		return ""
	}
}

func familyName(af uint8) string {
	if af == afInet {
		return "AF_INET"
	}
	return "AF_INET6"
}

// hostBits: IPv4 routes may not have bits behind their prefix.
func hostBits(attr, member string) check {
	return func(r *request) string {
		b := r.bytes(attr)
		v, ok := r.number(member)
		if r.family() != afInet || len(b) != 4 || !ok || v > 32 {
			return ""
		}
		if addr := uint32(dissect.Uint(b, true)); addr<<v != 0 && v < 32 {
			return fmt.Sprintf("%s has bits set behind the prefix of %d", attr, v)
		}
		return ""
	}
}

// lacks: a nest, or with "" the message, has none of some attributes.
func lacks(nest, names string) check {
	return func(r *request) string {
		i, end, where := r.m.Node, r.t.Nodes[r.m.Node].End, "the request"
		if nest != "" {
			if i = r.row(nest); i < 0 {
				return ""
			}
			end, where = r.t.Nodes[i].End, nest
		}
		for i++; i < end; i++ {
			if f := r.t.Nodes[i].Field; f != nil && has(names, f.Name) {
				return ""
			}
		}
		return where + " lacks " + strings.ReplaceAll(names, " ", " or ")
	}
}

// of: something is wrong with a message if it is of a family.
func of(family uint8, c check) check {
	return func(r *request) string {
		if r.family() != family {
			return ""
		}
		return c(r)
	}
}

// shorter: an attribute has fewer bytes than most devices want.
func shorter(name string, want int) check {
	return func(r *request) string {
		if r.row(name) < 0 {
			return ""
		}
		if n := len(r.bytes(name)); n < want {
			return fmt.Sprintf("%s has %s, the address of most devices %d", name, phrase.Count(n, "byte"), want)
		}
		return ""
	}
}

// badName: the kernel takes no interface names with these.
func badName(name string) check {
	return func(r *request) string {
		if r.row(name) < 0 {
			return ""
		}
		s, _, _ := bytes.Cut(r.bytes(name), []byte{0})
		switch {
		case len(s) == 0:
			return name + " is empty"
		case string(s) == "." || string(s) == "..":
			return name + " is " + string(s)
		}
		for _, c := range s {
			if c == '/' || c == ':' || c == ' ' || c >= '\t' && c <= '\r' {
				return name + " has a character that no interface name may have: " + strconv.QuoteRune(rune(c))
			}
		}
		return ""
	}
}

// algorithmKey: struct xfrm_algo and its relatives say how many bits follow.
func algorithmKey(names string) check {
	return func(r *request) string {
		for name := range strings.FieldsSeq(names) {
			b := r.bytes(name)
			head := 64 + 4 // alg_name, alg_key_len
			if name == "XFRMA_ALG_AEAD" || name == "XFRMA_ALG_AUTH_TRUNC" {
				head += 4 // alg_icv_len or alg_trunc_len
			}
			if len(b) < head {
				continue
			}
			if bits := dissect.Uint(b[64:68], r.t.Big); (bits+7)/8 > uint64(len(b)-head) {
				return fmt.Sprintf("%s says that the key has %s, and has %s of it", name, phrase.Count(bits, "bit"), phrase.Count(len(b)-head, "byte"))
			}
		}
		return ""
	}
}

// aesKey: AES takes three lengths.
func aesKey(name string) check {
	return func(r *request) string {
		b := r.bytes(name)
		if len(b) < 68 {
			return ""
		}
		alg, _, _ := bytes.Cut(b[:64], []byte{0})
		if bits := dissect.Uint(b[64:68], r.t.Big); string(alg) == "cbc(aes)" && bits != 128 && bits != 192 && bits != 256 {
			return fmt.Sprintf("%s has a key of %s, AES takes 128, 192 or 256", name, phrase.Count(bits, "bit"))
		}
		return ""
	}
}

// keyOf: a key has one of two lengths.
func keyOf(name string, short, long int) check {
	return func(r *request) string {
		n := len(r.bytes(name))
		if r.row(name) < 0 || n == short || n == long {
			return ""
		}
		return fmt.Sprintf("%s has %d bytes, a key has %d or %d", name, n, short, long)
	}
}

// cipherKeys are the key lengths in bytes of cipher suites
// (WLAN_CIPHER_SUITE_* and WLAN_KEY_LEN_* of linux/ieee80211.h).
var cipherKeys = map[uint64]int{
	0x000fac01: 5, 0x000fac02: 32, 0x000fac04: 16, 0x000fac05: 13, 0x000fac06: 16, 0x000fac08: 16, 0x000fac09: 32, 0x000fac0a: 32,
	0x000fac0b: 16, 0x000fac0c: 32, 0x000fac0d: 32,
}

// cipherKey: each cipher suite has its length.
func cipherKey(cipher, key string) check {
	return func(r *request) string {
		v, ok := r.number(cipher)
		want := cipherKeys[v]
		if !ok || want == 0 || r.row(key) < 0 {
			return ""
		}
		if n := len(r.bytes(key)); n != want {
			return fmt.Sprintf("%s has %s, the cipher suite takes %d", key, phrase.Count(n, "byte"), want)
		}
		return ""
	}
}

// unknownKind: what else is wrong has other errnos.
func unknownKind(name, what string) check {
	return func(r *request) string {
		s, _, _ := bytes.Cut(r.bytes(name), []byte{0})
		if len(s) == 0 || r.m.Class != families.ClassNew {
			return ""
		}
		return "this kernel has no " + what + " of kind " + string(s) + ", or lacks its module"
	}
}
