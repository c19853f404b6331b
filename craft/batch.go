package craft

import (
	"github.com/nlsniff/nlsniff/encode"
	"github.com/nlsniff/nlsniff/families"
)

// Numbers of linux/netfilter/nfnetlink.h.
const (
	nfnlBatchBegin = 0x10 // NFNL_MSG_BATCH_BEGIN
	nfnlBatchEnd   = 0x11
	nfnlNftables   = 10 // NFNL_SUBSYS_NFTABLES
)

// Batch puts what nf_tables takes in a batch only, every change, between the
// beginning and the end of one. What else there is stands alone.
func Batch(m *encode.Message) []*encode.Message {
	if m.Protocol != families.ProtoNetfilter || m.Desc == nil || m.Desc.ID>>8 != nfnlNftables || m.Desc.Class == families.ClassGet {
		return []*encode.Message{m}
	}
	return []*encode.Message{mark(m, nfnlBatchBegin), m, mark(m, nfnlBatchEnd)}
}

// mark is the beginning or the end of a batch: nlmsghdr and struct nfgenmsg, whose
// res_id, in network order, is the subsystem.
func mark(m *encode.Message, typ byte) *encode.Message {
	data := make([]byte, hdrLen+4)
	size, kind, flags := data[:4], data[4:6], data[6:8]
	if m.Big {
		size[3], kind[1], flags[1] = byte(len(data)), typ, 1
	} else {
		size[0], kind[0], flags[0] = byte(len(data)), typ, 1
	}
	data[hdrLen+3] = nfnlNftables
	return &encode.Message{Protocol: m.Protocol, Data: data, Big: m.Big}
}
