package capfilter

import cbpf "golang.org/x/net/bpf"

// setup fills in the scratch memory that the tests of n read. The kernel
// refuses a program that may read what it has not written.
func (c *compiler) setup(n node) {
	var typ, echo, cmd bool
	visit(n, func(n node) {
		if l, ok := n.(literal); ok {
			switch l.kind {
			case testType, testFamily:
				typ, echo = true, true
			case testCmd:
				typ, echo, cmd = true, true, true
			case testError, testAck:
				typ = true
			}
		}
	})
	if typ {
		c.hostHalf(4)
		c.emit(cbpf.StoreScratch{Src: cbpf.RegA, N: memType})
	}
	if echo {
		c.setupEcho()
	}
	if cmd {
		c.setupCmd()
	}
}

// setupEcho finds the type of the request that an NLMSG_ERROR answers.
func (c *compiler) setupEcho() {
	long, fits, absent, done := c.label(), c.label(), c.label(), c.label()
	c.branch(cbpf.JumpEqual, typeError, long, absent) // A is the type
	c.here(long)
	c.emit(cbpf.LoadScratch{Dst: cbpf.RegA, N: memEnd})
	c.branch(cbpf.JumpGreaterOrEqual, echoOff+hdrLen, fits, absent)
	c.here(fits)
	c.hostHalf(echoOff + 4)
	c.jump(done)
	c.here(absent)
	c.emit(cbpf.LoadConstant{Dst: cbpf.RegA, Val: none})
	c.here(done)
	c.emit(cbpf.StoreScratch{Src: cbpf.RegA, N: memEcho})
}

// setupCmd finds the generic command, of the message or of the request that an
// error echoes in full.
func (c *compiler) setupCmd() {
	own, echoed, whole, absent, done := c.label(), c.label(), c.label(), c.label(), c.label()
	c.emit(cbpf.LoadScratch{Dst: cbpf.RegA, N: memEcho})
	c.branch(cbpf.JumpEqual, none, own, echoed)
	c.here(echoed)
	c.emit(cbpf.StoreScratch{Src: cbpf.RegA, N: memID}, cbpf.LoadAbsolute{Off: c.highByte(6), Size: 1})
	c.branch(cbpf.JumpBitsSet, flagCapped>>8, absent, whole)
	c.here(whole)
	fits := c.label()
	c.emit(cbpf.LoadScratch{Dst: cbpf.RegA, N: memEnd})
	c.branch(cbpf.JumpGreaterThan, echoCmdOff, fits, absent)
	c.here(fits)
	c.emit(cbpf.LoadConstant{Dst: cbpf.RegA, Val: 1}, cbpf.StoreScratch{Src: cbpf.RegA, N: memReq},
		cbpf.LoadAbsolute{Off: echoCmdOff, Size: 1})
	c.jump(done)

	c.here(own)
	fits = c.label()
	c.emit(cbpf.LoadScratch{Dst: cbpf.RegA, N: memType}, cbpf.StoreScratch{Src: cbpf.RegA, N: memID},
		cbpf.LoadScratch{Dst: cbpf.RegA, N: memEnd})
	c.branch(cbpf.JumpGreaterThan, hdrLen, fits, absent)
	c.here(fits)
	c.emit(cbpf.LoadAbsolute{Off: c.lowByte(6), Size: 1}, alu(cbpf.ALUOpAnd, flagRequest),
		cbpf.StoreScratch{Src: cbpf.RegA, N: memReq}, cbpf.LoadAbsolute{Off: hdrLen, Size: 1})
	c.jump(done)

	c.here(absent)
	c.emit(cbpf.LoadConstant{Dst: cbpf.RegA, Val: 0}, cbpf.StoreScratch{Src: cbpf.RegA, N: memReq},
		cbpf.LoadConstant{Dst: cbpf.RegA, Val: none})
	c.here(done)
	c.emit(cbpf.StoreScratch{Src: cbpf.RegA, N: memCmd})
}
