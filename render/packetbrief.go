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
	b.layer, b.outer = b.layer[:0], b.outer[:0]
	for j := from; j < to; j = b.t.Nodes[j].End {
		n := &b.t.Nodes[j]
		if n.Kind != dissect.KindMember || n.Type == nil || n.Type.Kind != families.KindPacket {
			break
		}
		b.spare = b.spare[:0]
		if name := packet.Name(n.ID); !strings.HasPrefix(name, "Dot11Mgmt") { // the header says that already
			b.spare = append(append(b.spare, name...), ' ')
		}
		mark := len(b.spare)
		if b.spare = packet.Append(b.spare, n.ID, b.t.Bytes(n)); len(b.spare) > mark {
			b.outer, b.layer, b.spare = b.layer, b.spare, b.outer
		}
	}
	mark := len(dst)
	for _, s := range [...][]byte{b.outer, b.layer} {
		if len(s) == 0 {
			continue
		}
		if len(dst) > mark {
			dst = append(dst, ' ')
		}
		dst = appendEscaped(dst, s, 0)
	}
	return clip(dst, mark, maxPacket)
}
