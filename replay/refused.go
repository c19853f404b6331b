package replay

import (
	"encoding/binary"

	"github.com/nlsniff/nlsniff/capture/ebpf/why"
)

// Take gives the place in the kernel where a request was refused, as
// why.Prober.Take does.
type Take func(proto uint16, portid, seq uint32, errno int32) (why.Reason, bool)

// refusal is where a message of a result was refused.
type refusal struct {
	frame int // index in Result.Frames
	seq   uint32
}

// Explain notes where in the kernel the refusals among the answers were made.
func (r *Result) Explain(take Take) {
	e := binary.NativeEndian
	for i := range r.Frames {
		f := &r.Frames[i]
		if !f.Received || f.Request < 0 {
			continue
		}
		for m := range messages(f.Data) {
			const failed, done = 2, 3 // NLMSG_ERROR, NLMSG_DONE
			if t := e.Uint16(m[hdrType:]); t != failed && t != done || len(m) < hdrLen+4 {
				continue
			}
			errno := int32(e.Uint32(m[hdrLen:]))
			if errno >= 0 {
				continue
			}
			seq := e.Uint32(m[hdrSeq:])
			reason, ok := take(uint16(f.Proto), e.Uint32(m[hdrPID:]), seq, errno)
			if !ok {
				continue
			}
			if f.Comment != "" {
				f.Comment += "\n"
			}
			f.Comment += reason.String()
			r.Refused = append(r.Refused, Refused{Frame: i, Seq: seq, Data: reason.Data()})
		}
	}
}

// Refused is where in the kernel a message was refused.
type Refused struct {
	Frame int    `json:"frame"` // of the answer: an index in Result.Frames
	Seq   uint32 `json:"seq"`
	*why.Data
}

// refusals are those of a result by answer.
func (r *Result) refusals() map[refusal]*why.Data {
	out := map[refusal]*why.Data{}
	for i := range r.Refused {
		x := &r.Refused[i]
		out[refusal{x.Frame, x.Seq}] = x.Data
	}
	return out
}
