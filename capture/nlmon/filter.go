//go:build linux

package nlmon

import (
	"fmt"

	"golang.org/x/net/bpf"

	"github.com/nlsniff/nlsniff/capture"
)

const (
	opReturn     = 0x06 // BPF_RET|BPF_K of linux/bpf_common.h
	opReturnMask = 0x1f // without the size and mode bits, which RET has not
)

// withSnapLen makes a filter let no more than snap bytes of a frame into the
// ring, the cooked header, which is not in the ring, included. A filter that
// returns what it computed keeps that; Next cuts too.
func withSnapLen(filter []bpf.RawInstruction, snap int) []bpf.RawInstruction {
	if snap <= 0 {
		return filter
	}
	keep := uint32(max(snap-capture.CookedLen, 1))
	if len(filter) == 0 {
		return []bpf.RawInstruction{{Op: opReturn, K: keep}}
	}
	out := append([]bpf.RawInstruction(nil), filter...)
	for i := range out {
		if out[i].Op&opReturnMask == opReturn {
			out[i].K = min(out[i].K, keep)
		}
	}
	return out
}

// SetFilter puts another program in the place of Options.Filter, while the
// capture goes on. No frame is lost by it.
func (s *Source) SetFilter(filter []bpf.RawInstruction) error {
	for _, l := range s.listeners {
		if err := l.ring.filter(filter, s.opt.SnapLen); err != nil {
			return fmt.Errorf("capture filter: %w", err)
		}
	}
	return nil
}
