package render

import (
	"strings"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/internal/packet"
)

// maxPacket is how many bytes of a packet's description stand in a line.
const maxPacket = 280

// packetBrief appends what the headers of a packet in row i say, the
// innermost two of them: they tell most.
func (b *base) packetBrief(dst []byte, i int32) []byte {
	from, to := b.t.Payload(i)
	var texts [2]string
	for j := from; j < to; j = b.t.Nodes[j].End {
		n := &b.t.Nodes[j]
		if n.Kind != dissect.KindMember || n.Type == nil || n.Type.Kind != families.KindPacket {
			break
		}
		if s := packet.Describe(n.ID, b.t.Bytes(n)); s != "" {
			if name := packet.Name(n.ID); !strings.HasPrefix(name, "Dot11Mgmt") { // the header says that already
				s = name + " " + s
			}
			texts[0], texts[1] = texts[1], s
		}
	}
	mark := len(dst)
	for _, s := range texts {
		if s == "" {
			continue
		}
		if len(dst) > mark {
			dst = append(dst, ' ')
		}
		dst = appendEscaped(dst, []byte(s), 0)
	}
	return clip(dst, mark, maxPacket)
}
