package flow

import "github.com/nlsniff/nlsniff/dissect"

// deprecated are attributes that the comments of the uapi headers call
// obsolete, deprecated or no longer used (linux/rtnetlink.h,
// linux/pkt_sched.h, linux/netfilter/*.h).
var deprecated = map[string]bool{
	"RTA_PROTOINFO": true, "RTA_SESSION": true, "RTA_MP_ALGO": true,
	"TCA_FQ_FLOW_DEFAULT_RATE": true,
	"NFTA_HASH_SET_NAME":       true, "NFTA_HASH_SET_ID": true, "NFTA_NG_SET_NAME": true, "NFTA_NG_SET_ID": true,
	"CTA_SECMARK": true, "CTA_COUNTERS32_PACKETS": true, "CTA_COUNTERS32_BYTES": true,
	"CTA_TIMEOUT_SCTP_HEARTBEAT_ACKED": true,
}

// judge adds what the decoded request tells: whether it is malformed, untidy,
// or uses what the kernel has given up.
func judge(e *Exchange, t *dissect.Tree) {
	if t == nil {
		return
	}
	var bad, notes uint64
	for i := range t.Findings {
		f := &t.Findings[i]
		switch {
		case f.Code == dissect.FrameTruncated || f.Code == dissect.GenlFamilyUnknown:
			// That is about the capture.
		case f.Severity() >= dissect.Warning:
			bad++
		default:
			notes++
		}
	}
	if bad > 0 {
		e.Note(FindMalformed, bad, 0)
	}
	if notes > 0 {
		e.Note(FindUntidy, notes, 0)
	}
	for i := range t.Nodes {
		n := &t.Nodes[i]
		if n.Kind == dissect.KindAttr && n.Field != nil && deprecated[n.Field.Name] {
			e.Note(FindDeprecated, uint64(n.ID), 0)
			return
		}
	}
}
