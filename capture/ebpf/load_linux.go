package ebpf

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/btf"
	"github.com/cilium/ebpf/link"
	"github.com/cilium/ebpf/ringbuf"
	"golang.org/x/sys/unix"

	"github.com/nlsniff/nlsniff/bpf/probe"
)

// hook is a program and the kernel function that it sits on. Programs with
// the same number do the same on different kernels: the first whose function is
// there is taken.
type hook struct {
	program, function string
	number            int  // in fired (enum hook in hook.h)
	needed            bool // there is no capture without it
	fact              string
}

// hooks in the order in which they are attached: an end before its beginning,
// who has a socket before what it gets.
var hooks = []hook{
	{"release", "netlink_release", 8, true, "when a socket is closed"},
	{"sendmsg", "netlink_sendmsg", 4, true, "who has a socket"},
	{"received", "netlink_recvmsg", 11, true, "reads that fail or are too short"},
	{"recvmsg", "netlink_recvmsg", 5, true, "who has a socket"},
	{"destroyed", "netlink_skb_destructor", 12, false, "how much a short read loses"},
	{"sent", "netlink_sendmsg", 10, true, "messages that the kernel does not take"},
	{"ack", "netlink_ack", 13, false, "reasons that a program did not ask for"},
	{"dump_done", "netlink_dump_done", 14, false, "reasons of dumps that a program did not ask for"},
	{"bind", "netlink_bind", 6, false, "who has a socket that only listens"},
	{"setsockopt", "netlink_setsockopt", 7, false, "who has a socket that only listens"},
	{"broadcast_end", "netlink_broadcast_filtered", 3, false, "all receivers of a multicast"},
	{"broadcast_end_old", "netlink_broadcast", 3, false, "all receivers of a multicast"},
	{"broadcast_begin", "netlink_broadcast_filtered", 2, false, "all receivers of a multicast"},
	{"broadcast_begin_old", "netlink_broadcast", 2, false, "all receivers of a multicast"},
	{"overrun", "netlink_overrun", 9, false, "messages that a socket had no room for"},
	{"deliver", "__netlink_sendskb", 1, true, "what processes receive"},
	{"unicast", "netlink_unicast", 0, true, "what processes send"},
}

// programs are those that run in the kernel.
type programs struct {
	coll   *ebpf.Collection
	links  []link.Link
	reader *ringbuf.Reader
	chosen []hook
	absent []hook   // that the kernel does not have
	early  []record // about processes, from before the capture
}

const instead = "nlsniff capture --source nlmon needs none of that"

// load loads the programs and attaches them. ring is the size of the ring in
// bytes, a power of two.
func load(ring uint32, want Wanted) (p *programs, err error) {
	p = &programs{}
	defer func() {
		if err != nil {
			p.close()
			p = nil
		}
	}()
	kernel, err := btf.LoadKernelSpec()
	if err != nil {
		if errors.Is(err, os.ErrNotExist) || errors.Is(err, btf.ErrNotFound) {
			err = errors.New("the kernel does not describe itself")
		}
		return p, &Error{"finding the kernel's functions", err, "the kernel has to be built with CONFIG_DEBUG_INFO_BTF; " + instead}
	}
	spec, err := probe.LoadProbe()
	if err != nil {
		return p, err
	}
	spec.Maps["records"].MaxEntries = ring
	if err := want.set(spec); err != nil {
		return p, err
	}
	if err := p.choose(kernel, spec); err != nil {
		return p, err
	}
	if p.coll, err = ebpf.NewCollection(spec); err != nil {
		return p, loadError(err)
	}
	if p.reader, err = ringbuf.NewReader(p.coll.Maps["records"]); err != nil {
		return p, err
	}
	return p, p.attach()
}

// loadError explains why the kernel does not take the programs.
func loadError(err error) error {
	hint := "eBPF programs on functions need Linux 5.11 with CONFIG_BPF_SYSCALL and CONFIG_FTRACE; " + instead
	var verifier *ebpf.VerifierError
	switch {
	case errors.As(err, &verifier):
		hint = "this kernel's verifier refuses a program, please report it; " + instead
		why := verifier.Cause.Error()
		for _, line := range verifier.Log {
			if !strings.HasPrefix(line, "processed ") {
				why = line // the last one says what is wrong
			}
		}
		err = errors.New(why)
	case errors.Is(err, unix.EPERM), errors.Is(err, unix.EACCES):
		hint = "run it with sudo; " + instead
		if os.Geteuid() == 0 {
			hint = "this root lacks CAP_BPF and CAP_PERFMON, as in a container, or the kernel forbids it (lockdown); " + instead
		}
		err = unix.EPERM
	}
	return &Error{"loading the eBPF programs", err, hint}
}

// choose leaves the programs whose functions are there.
func (p *programs) choose(kernel *btf.Spec, spec *ebpf.CollectionSpec) error {
	have := map[int]bool{}
	for _, h := range hooks {
		var f *btf.Func
		err := kernel.TypeByName(h.function, &f)
		switch {
		case have[h.number]:
		case err == nil:
			have[h.number] = true
			p.chosen = append(p.chosen, h)
			continue
		case h.needed:
			return &Error{"attaching to the kernel", fmt.Errorf("it has no function %s of its own, which tells %s", h.function, h.fact), instead}
		}
		delete(spec.Programs, h.program)
	}
	for _, h := range hooks {
		if !have[h.number] {
			p.absent = append(p.absent, h)
			have[h.number] = true
		}
	}
	return nil
}

func (p *programs) attach() error {
	for _, h := range p.chosen {
		l, err := link.AttachTracing(link.TracingOptions{Program: p.coll.Programs[h.program]})
		if err != nil {
			return &Error{"attaching to " + h.function, err, instead}
		}
		p.links = append(p.links, l)
		if h.program == "setsockopt" {
			if err := p.find(); err != nil {
				return err
			}
		}
	}
	return nil
}

// find has the kernel go through all files for the sockets that there are.
func (p *programs) find() error {
	l, err := link.AttachIter(link.IterOptions{Program: p.coll.Programs["found"]})
	if err != nil {
		return &Error{"looking for open sockets", err, instead}
	}
	defer l.Close()
	r, err := l.Open()
	if err != nil {
		return &Error{"looking for open sockets", err, instead}
	}
	defer r.Close()
	if _, err := io.Copy(io.Discard, r); err != nil {
		return &Error{"looking for open sockets", err, instead}
	}
	return nil
}

// get reads a counter of the programs.
func (p *programs) get(name string, out any) error { return p.coll.Variables[name].Get(out) }

func (p *programs) close() {
	for i := len(p.links) - 1; i >= 0; i-- {
		p.links[i].Close()
	}
	if p.reader != nil {
		p.reader.Close()
	}
	if p.coll != nil {
		p.coll.Close()
	}
}
