package capfilter

import cbpf "golang.org/x/net/bpf"

// label is a place in a program that is not laid out yet.
type label int

// asm collects instructions whose jumps go to labels. Classic BPF jumps
// forward only, and conditionally over 255 instructions at most; longer ways
// get a jump of their own.
type asm struct {
	ins    []asmInst
	labels []int // index into ins
}

// asmInst is an instruction, or a jump to labels if cond or jump is set.
type asmInst struct {
	op         cbpf.Instruction
	cond, jump bool
	test       cbpf.JumpTest
	val        uint32
	x          bool // compare with X, not val
	yes, no    label
}

func (a *asm) label() label {
	a.labels = append(a.labels, -1)
	return label(len(a.labels) - 1)
}

// here puts a label before the next instruction.
func (a *asm) here(l label) { a.labels[l] = len(a.ins) }

func (a *asm) emit(ops ...cbpf.Instruction) {
	for _, op := range ops {
		a.ins = append(a.ins, asmInst{op: op})
	}
}

// jump goes to a label.
func (a *asm) jump(to label) { a.ins = append(a.ins, asmInst{jump: true, yes: to}) }

// branch compares A with a constant.
func (a *asm) branch(test cbpf.JumpTest, val uint32, yes, no label) {
	a.ins = append(a.ins, asmInst{cond: true, test: test, val: val, yes: yes, no: no})
}

// branchX compares A with X.
func (a *asm) branchX(test cbpf.JumpTest, yes, no label) {
	a.ins = append(a.ins, asmInst{cond: true, test: test, x: true, yes: yes, no: no})
}

// maxSkip is how far a conditional jump reaches: its offsets have 8 bits.
const maxSkip = 255

// layout turns labels into offsets.
func (a *asm) layout() []cbpf.Instruction {
	type far struct{ yes, no bool }
	long := make([]far, len(a.ins))
	at := make([]int, len(a.ins)+1)
	for changed := true; changed; {
		changed = false
		for i := range a.ins {
			at[i+1] = at[i] + 1
			if long[i].yes {
				at[i+1]++
			}
			if long[i].no {
				at[i+1]++
			}
		}
		for i, in := range a.ins {
			if !in.cond {
				continue
			}
			// Counted from the instruction behind the jump; its own
			// detours only make that shorter.
			if !long[i].yes && at[a.labels[in.yes]]-at[i]-1 > maxSkip {
				long[i].yes, changed = true, true
			}
			if !long[i].no && at[a.labels[in.no]]-at[i]-1 > maxSkip {
				long[i].no, changed = true, true
			}
		}
	}
	out := make([]cbpf.Instruction, 0, at[len(a.ins)])
	for i, in := range a.ins {
		switch {
		case in.jump:
			out = append(out, cbpf.Jump{Skip: uint32(at[a.labels[in.yes]] - at[i] - 1)})
		case in.cond:
			var detours []label
			skip := func(to label, long bool) uint8 {
				if long {
					detours = append(detours, to)
					return uint8(len(detours) - 1)
				}
				return uint8(at[a.labels[to]] - at[i] - 1)
			}
			yes, no := skip(in.yes, long[i].yes), skip(in.no, long[i].no)
			if in.x {
				out = append(out, cbpf.JumpIfX{Cond: in.test, SkipTrue: yes, SkipFalse: no})
			} else {
				out = append(out, cbpf.JumpIf{Cond: in.test, Val: in.val, SkipTrue: yes, SkipFalse: no})
			}
			for _, to := range detours {
				out = append(out, cbpf.Jump{Skip: uint32(at[a.labels[to]] - len(out) - 1)})
			}
		default:
			out = append(out, in.op)
		}
	}
	return out
}
