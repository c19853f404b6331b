package dissect

import (
	"encoding/binary"

	"github.com/nlsniff/nlsniff/families"
)

// PolicyLearner takes the attributes of a CTRL_CMD_NEWFAMILY or
// CTRL_CMD_GETPOLICY message about a generic family. They are valid during the
// call.
type PolicyLearner interface {
	Learn(name string, attrs []byte, order binary.ByteOrder)
}

// tellPolicies passes on what the controller says of a family, if its name is
// known: policies come with its id only.
func (s *Session) tellPolicies(in *Input, sec *section, attrs []byte, asked int) {
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
	if s.told == nil {
		s.told = map[string][]families.Source{}
	}
	if len(s.told[name]) < maxTold && len(s.told) < maxTold {
		s.told[name] = append(s.told[name], families.Source{Name: name, Frame: in.Number, Answer: asked})
	}
}

// maxTold bounds the families of which it is remembered which frames told of
// their policies, and how many frames of one.
const maxTold = 256

// ToldPolicies are the frames that told of a family's policies.
func (s *Session) ToldPolicies(name string) []families.Source { return s.told[name] }
