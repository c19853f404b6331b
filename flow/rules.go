package flow

import (
	"strings"

	"github.com/nlsniff/nlsniff/dissect"
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
