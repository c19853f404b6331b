package dissect

import "encoding/binary"

// PolicyLearner takes the attributes of a CTRL_CMD_NEWFAMILY or
// CTRL_CMD_GETPOLICY message about a generic family. They are valid during the
// call.
type PolicyLearner interface {
	Learn(name string, attrs []byte, order binary.ByteOrder)
}

// tellPolicies passes on what the controller says of a family, if its name is
// known: policies come with its id only.
func (s *Session) tellPolicies(in *Input, sec *section, attrs []byte) {
	if s.Policies == nil {
		return
	}
	id := attrBytes(attrs, ctrlAttrFamilyID, in.Big)
	if len(id) != 2 {
		return
	}
	name := sec.ids.Name(uint16(Uint(id, in.Big)), in.Number)
	if name == "" {
		return
	}
	var order binary.ByteOrder = binary.LittleEndian
	if in.Big {
		order = binary.BigEndian
	}
	s.Policies.Learn(name, attrs, order)
}
