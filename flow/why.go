package flow

import (
	"strconv"
	"strings"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
)

// Cause is one sentence on why the kernel refused a request.
type Cause struct {
	Text string
	// Inferred is set if it is our conclusion from the descriptions, not the
	// kernel's word.
	Inferred bool
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
	if ack != nil && (ack.ExtAck.Text >= 0 || ack.ExtAck.HasOffs || ack.ExtAck.HasMiss) {
		return out
	}
	t, m := refusedMessage(e, x, ack)
	if t == nil {
		return out
	}
	for _, s := range infer(e, t, m) {
		out = append(out, Cause{s, true})
	}
	return out
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
func infer(e *Exchange, t *dissect.Tree, m *dissect.Msg) []string {
	var out []string
	for _, f := range t.FindingsOf(m.Node, t.Nodes[m.Node].End) {
		if s := inferFrom(e.Errno, t, &f); s != "" {
			out = append(out, s)
		}
	}
	if out != nil {
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
	return []string{s}
}

// inferFrom explains an errno by something that is wrong with the request.
func inferFrom(errno int32, t *dissect.Tree, f *dissect.Finding) string {
	switch f.Code {
	case dissect.AttrUnknown:
		if errno == eINVAL || errno == eOPNOTSUPP {
			return where(t, f) + ": nobody knows this attribute, and strict checking refuses it"
		}
	case dissect.AttrSize, dissect.StructShort, dissect.HeaderShort, dissect.AttrRange, dissect.AttrPastEnd, dissect.AttrLenSmall, dissect.AttrTrailing:
		if errno == eINVAL || errno == eRANGE {
			return where(t, f) + ": " + string(f.AppendText(nil))
		}
	case dissect.AttrNestedMissing:
		if errno == eINVAL {
			return where(t, f) + ": NLA_F_NESTED is missing, and strict checking wants it"
		}
	case dissect.MsgFlagsUnknown:
		if errno == eINVAL || errno == eOPNOTSUPP {
			return string(f.AppendText(nil))
		}
	case dissect.GenlCmdUnknown:
		if errno == eOPNOTSUPP {
			return string(f.AppendText(nil))
		}
	}
	return ""
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
