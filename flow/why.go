package flow

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/internal/phrase"
)

// Cause is one sentence on why the kernel refused a request.
type Cause struct {
	Text string
	// Inferred is set if it is our conclusion from the descriptions, not the
	// kernel's word.
	Inferred bool
	// Likely is set if the kernel may have had another reason: what is said is
	// wrong with the request, but it is not all that this errno can mean.
	Likely bool
}

// errno values that an inference is drawn from.
const (
	ePERM       = -1
	eNOENT      = -2
	eBUSY       = -16
	eEXIST      = -17
	eNODEV      = -19
	eINVAL      = -22
	eRANGE      = -34
	eOPNOTSUPP  = -95
	eAFNOSUPPOR = -97
)

// Why says what is known of why an exchange failed: what the errno means, the
// policy that the kernel says was violated and, where the kernel gave no
// reason, what the descriptions suggest.
func Why(e *Exchange, x Explained) []Cause {
	if e.Errors == 0 {
		return nil
	}
	var out []Cause
	if s := Meaning(e.Errno); s != "" {
		out = append(out, Cause{Text: s})
	}
	var ack *dissect.Msg
	if x.Answer != nil && len(x.Answer.Msgs) > 0 {
		ack = &x.Answer.Msgs[0]
		if s := policy(x.Answer, ack); s != "" {
			out = append(out, Cause{Text: s})
		}
	}
	if t, m := refusedMessage(e, x, ack); t != nil {
		if s := shortLen(e, t, m); s != "" { // the kernel's words would mislead
			return append(out, Cause{Text: s, Inferred: true})
		}
	}
	if ack != nil && (ack.ExtAck.Text >= 0 || ack.ExtAck.HasOffs || ack.ExtAck.HasMiss) {
		return out
	}
	t, m := refusedMessage(e, x, ack)
	if t == nil {
		return out
	}
	return append(out, infer(e, t, m)...)
}

// refusedMessage is the request that an error is about: of a batch, the one
// that the error carries.
func refusedMessage(e *Exchange, x Explained, ack *dissect.Msg) (*dissect.Tree, *dissect.Msg) {
	if (e.Batch || x.Request == nil) && ack != nil && ack.Echo >= 0 {
		return x.Answer, &x.Answer.Msgs[ack.Echo]
	}
	if x.Request == nil || len(x.Request.Msgs) == 0 {
		return nil, nil
	}
	return x.Request, &x.Request.Msgs[0]
}

// infer draws conclusions from an errno and the findings of the request.
func infer(e *Exchange, t *dissect.Tree, m *dissect.Msg) []Cause {
	var out []Cause
	for _, f := range t.FindingsOf(m.Node, t.Nodes[m.Node].End) {
		if s, likely := inferFrom(e.Errno, t, &f); s != "" {
			out = append(out, Cause{s, true, likely})
		}
	}
	if out = append(out, byRule(e, t, m)...); out != nil {
		return out
	}
	s := ""
	switch {
	case e.Errno == ePERM && e.Proto == families.ProtoRoute:
		s = "CAP_NET_ADMIN is needed in the user namespace that owns the network namespace"
	case e.Errno == ePERM:
		s = "the command needs CAP_NET_ADMIN"
	case e.Errno == eEXIST && m.Class == families.ClassNew && m.Flags&0x200 != 0:
		s = "the object exists, and the request says NLM_F_EXCL"
	case e.Errno == eNOENT && m.Proto == families.ProtoGeneric && m.GenlName == "":
		s = "no generic family has the id " + strconv.Itoa(int(m.Type))
	case e.Errno == eNOENT && m.Class == families.ClassNew && m.Flags&0x400 == 0:
		s = "there is no such object, and the request does not say NLM_F_CREATE"
	case e.Errno == eBUSY && e.Dump:
		s = "another dump is still running on this socket"
	case e.Errno == eOPNOTSUPP && m.Message == nil:
		s = "the kernel has no such operation here"
	case e.Errno == eOPNOTSUPP && m.Proto == families.ProtoGeneric && m.Flags&flagDump == flagDump:
		s = "the command has no dump, or the kernel was built without it"
	case e.Errno == eOPNOTSUPP:
		s = "the kernel or the driver was built without this operation, or the object has none"
	case e.Errno == eNODEV:
		s = "no interface has the name or index in the request"
	case e.Errno == eAFNOSUPPOR:
		s = "no handler for the address family in the request's header"
	}
	if s == "" {
		return nil
	}
	return []Cause{{s, true, e.Errno != ePERM && e.Errno != eAFNOSUPPOR}}
}

// shortLen explains a generic request whose nlmsg_len leaves out the generic
// header, so that its last four bytes stand behind it.
func shortLen(e *Exchange, t *dissect.Tree, m *dissect.Msg) string {
	if m.Proto != families.ProtoGeneric || m.Type < minType || e.Errno != eINVAL && e.Errno != eRANGE {
		return ""
	}
	const genlHdr = 4
	end := t.Nodes[m.Node].Off + m.Len
	if m.EchoOf < 0 && uint64(end)+genlHdr == uint64(len(t.Data)) || !m.HasGenl && m.Len < hdrLen+genlHdr {
		return "nlmsg_len " + strconv.Itoa(int(m.Len)) + " leaves out the generic header: " + strconv.Itoa(int(m.Len)+genlHdr) + " would be right"
	}
	return ""
}

// inferFrom explains an errno by something that is wrong with the request.
// It says too whether that is one reason of several.
func inferFrom(errno int32, t *dissect.Tree, f *dissect.Finding) (reason string, likely bool) {
	switch f.Code {
	case dissect.AttrUnknown:
		if errno == eINVAL || errno == eOPNOTSUPP {
			return where(t, f) + ": nobody knows this attribute, and strict checking refuses it", true
		}
	case dissect.AttrSize:
		if s := addressSize(t, f); s != "" && unreached[errno] {
			return s, f.A > f.B // too few bytes are no address, of too many the first are taken
		}
		if errno == eINVAL || errno == eRANGE {
			return where(t, f) + ": " + string(f.AppendText(nil)), f.A > f.B // older policies take more than enough
		}
	case dissect.StringLong:
		if errno == eINVAL || errno == eRANGE {
			return fmt.Sprintf("%s has %s, at most %d", where(t, f), phrase.Count(f.A, "character"), f.B), false
		}
	case dissect.AttrRange:
		if errno == eINVAL || errno == eRANGE {
			return where(t, f) + " is " + valueAndRange(t, f), errno == eINVAL
		}
	case dissect.StructShort, dissect.HeaderShort, dissect.TLVLen, dissect.TLVPastEnd:
		if errno == eINVAL || errno == eRANGE {
			return where(t, f) + ": " + string(f.AppendText(nil)), false
		}
	case dissect.AttrPastEnd, dissect.AttrLenSmall, dissect.AttrTrailing:
		if errno == eINVAL || errno == eRANGE {
			return where(t, f) + ": " + string(f.AppendText(nil)), true
		}
	case dissect.AttrNestedMissing:
		if errno == eINVAL {
			return where(t, f) + ": NLA_F_NESTED is missing, and strict checking wants it", true
		}
	case dissect.MsgFlagsUnknown:
		if errno == eINVAL || errno == eOPNOTSUPP {
			return string(f.AppendText(nil)), true
		}
	case dissect.GenlCmdUnknown:
		if errno == eOPNOTSUPP {
			return string(f.AppendText(nil)), true
		}
	}
	return "", false
}

// unreached are the errno values that an address of the wrong length leads to:
// it is refused, or read as another.
var unreached = map[int32]bool{eINVAL: true, eRANGE: true, -101: true, -113: true, -99: true, -3: true}

// addressSize explains an address of another length than the family's; "" if
// the finding is about something else.
func addressSize(t *dissect.Tree, f *dissect.Finding) string {
	n := &t.Nodes[f.Node]
	if n.Type == nil || n.Type.Hint != families.HintIP || n.AF != afInet && n.AF != afInet6 {
		return ""
	}
	s := fmt.Sprintf("%s: the address has %s, one of %s has %d", where(t, f), phrase.Count(f.A, "byte"), familyName(n.AF), f.B)
	if b := t.Data[f.Off:]; f.B == 4 && f.A > 4 && len(b) >= 4 {
		s += fmt.Sprintf("; the kernel reads %d.%d.%d.%d", b[0], b[1], b[2], b[3])
	}
	return s
}

// valueAndRange says what a number is and what the description has it be.
func valueAndRange(t *dissect.Tree, f *dissect.Finding) string {
	n := &t.Nodes[f.Node]
	s := strconv.FormatInt(int64(f.A), 10)
	if n.Type == nil {
		return s
	}
	switch typ := n.Type; {
	case typ.HasMin && typ.HasMax:
		s += fmt.Sprintf(", from %d to %d are taken", typ.Min, typ.Max)
	case typ.HasMax:
		s += fmt.Sprintf(", at most %d", typ.Max)
	case typ.HasMin:
		s += fmt.Sprintf(", at least %d", typ.Min)
	}
	return s
}

// where names the attribute or member that a finding is about.
func where(t *dissect.Tree, f *dissect.Finding) string {
	var names []string
	for i := f.Node; i >= 0; i = t.Nodes[i].Parent {
		n := &t.Nodes[i]
		switch {
		case n.Kind == dissect.KindMessage:
			i = 0
		case n.Field != nil && (n.Kind == dissect.KindAttr || n.Kind == dissect.KindMember):
			names = append(names, n.Field.Name)
		case n.Kind == dissect.KindAttr:
			names = append(names, "type "+strconv.Itoa(int(n.ID)))
		}
	}
	if names == nil {
		return "the request"
	}
	for i, j := 0, len(names)-1; i < j; i, j = i+1, j-1 {
		names[i], names[j] = names[j], names[i]
	}
	return strings.Join(names, "/")
}

// policy says in words what the kernel would have accepted, from
// NLMSGERR_ATTR_POLICY (enum netlink_policy_type_attr of linux/netlink.h).
func policy(t *dissect.Tree, m *dissect.Msg) string {
	const prefix = "NL_POLICY_TYPE_ATTR_"
	value := map[string]string{}
	inside := false
	for i := m.Node + 1; i < t.Nodes[m.Node].End; i++ {
		n := &t.Nodes[i]
		if n.Kind != dissect.KindAttr || n.Field == nil {
			continue
		}
		name, ok := strings.CutPrefix(n.Field.Name, prefix)
		if n.Field.Name == "NLMSGERR_ATTR_POLICY" {
			inside = true
		}
		if from, to := t.Payload(i); ok && inside && from < to && t.Nodes[from].Kind.Leaf() {
			v := &t.Nodes[from]
			u := t.Uint(v)
			value[name] = strconv.FormatUint(u, 10)
			switch {
			case name == "TYPE" && v.Type != nil && v.Type.Enum != nil:
				value[name] = strings.ToLower(strings.TrimPrefix(v.Type.Enum.ValueName(u), "NL_ATTR_TYPE_"))
			case strings.HasSuffix(name, "_S"):
				value[name] = strconv.FormatInt(dissect.Int(u, int(v.Len)), 10)
			case strings.HasSuffix(name, "MASK"):
				value[name] = "0x" + strconv.FormatUint(u, 16)
			}
		}
	}
	if len(value) == 0 {
		return ""
	}
	s := "the kernel's policy: "
	if v := value["TYPE"]; v != "" {
		s += v
	} else {
		s += "a value"
	}
	span := func(low, high, unit string) {
		switch l, h := value[low], value[high]; {
		case l != "" && h != "" && l == h:
			s += ", exactly " + l + unit
		case l != "" && h != "":
			s += ", " + l + " to " + h + unit
		case h != "":
			s += ", at most " + h + unit
		case l != "":
			s += ", at least " + l + unit
		}
	}
	span("MIN_VALUE_U", "MAX_VALUE_U", "")
	span("MIN_VALUE_S", "MAX_VALUE_S", "")
	span("MIN_LENGTH", "MAX_LENGTH", " bytes")
	if v := value["MASK"]; v != "" {
		s += ", bits of " + v
	}
	if v := value["BITFIELD32_MASK"]; v != "" {
		s += ", bits of " + v
	}
	return s
}
