package render

import (
	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/render/nft"
)

// nftMaxRule is how many bytes of a rule a line shows.
const nftMaxRule = 2048

// nftMessage appends the rule that an NFT_MSG_NEWRULE holds as nft writes it.
func (l *base) nftMessage(dst []byte, m *dissect.Msg) []byte {
	body, ok := l.nftBody(m)
	if !ok {
		return dst
	}
	rule := nft.Rule(body, nft.Context{IfName: l.ifname, Elements: l.nftElements})
	mark := len(dst) + 1
	dst = appendEscaped(append(dst, ' '), []byte(rule), 0)
	return clip(dst, mark, nftMaxRule)
}

// nftBody is a message of nf_tables behind its headers.
func (l *base) nftBody(m *dissect.Msg) (nft.Message, bool) {
	const headers = 16 + 4 // nlmsghdr, nfgenmsg
	n := &l.t.Nodes[m.Node]
	body := l.t.Data[n.Off:min(uint64(n.Off)+uint64(min(m.Len, n.Len)), uint64(len(l.t.Data)))]
	if len(body) < headers {
		return nft.Message{}, false
	}
	return nft.Message{Family: body[16], Attrs: body[headers:], Big: l.t.Big}, true
}

// nftElements calls fn for the messages of the frame that bring elements of sets.
func (l *base) nftElements(fn func(nft.Message)) {
	for i := range l.t.Msgs {
		m := &l.t.Msgs[i]
		if m.Message == nil || m.Message.Name != "NFT_MSG_NEWSETELEM" {
			continue
		}
		if body, ok := l.nftBody(m); ok {
			fn(body)
		}
	}
}
