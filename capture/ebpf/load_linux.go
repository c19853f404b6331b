package ebpf

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/btf"
	"github.com/cilium/ebpf/link"
	"github.com/cilium/ebpf/ringbuf"
	"golang.org/x/sys/unix"

	"github.com/nlsniff/nlsniff/bpf/probe"
	"github.com/nlsniff/nlsniff/internal/barred"
)

// programs are those that run in the kernel.
type programs struct {
	coll   *ebpf.Collection
	links  []link.Link
	reader *ringbuf.Reader
	chosen []hook
	absent []hook   // that this kernel does not have, or does not call
	early  []record // about processes, from before the capture
}

// begin loads, attaches and tries the programs. Where a hook cannot be attached
// or turns out never to be called, the next that tells the same is tried.
func begin(list []hook, ring uint32, want Wanted) (*programs, error) {
	c := &chooser{hooks: list, tried: map[hook]bool{}}
	for {
		p, err := load(c, ring, want)
		if err != nil {
			return nil, err
		}
		var silent []hook
		if silent, err = p.attach(); err == nil && len(silent) == 0 {
			silent, err = p.selfTest()
		}
		if err == nil && len(silent) == 0 {
			return p, nil
		}
		p.close()
		if len(silent) == 0 {
			return nil, err
		}
		for _, h := range silent {
			c.tried[h] = true
		}
		_, absent := c.choose()
		for _, h := range silent {
			if h.needed && slices.ContainsFunc(absent, func(a hook) bool { return a.number == h.number }) {
				return nil, silentError(h, err)
			}
		}
	}
}

// silentError says that a hook which must work does not, and why if that is known.
func silentError(h hook, err error) error {
	if err != nil {
		return err
	}
	return &Error{"trying the capture", fmt.Errorf("the kernel does not call %s, which tells %s", h.function, h.fact), instead}
}

const instead = "nlsniff capture --source nlmon needs none of that"

// load loads the programs that are chosen. ring is the size of the ring in
// bytes, a power of two.
func load(c *chooser, ring uint32, want Wanted) (p *programs, err error) {
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
	c.has = functionsOf(kernel)
	if err := p.choose(c, spec); err != nil {
		return p, err
	}
	if p.coll, err = ebpf.NewCollection(spec); err != nil {
		return p, loadError(err)
	}
	if p.reader, err = ringbuf.NewReader(p.coll.Maps["records"]); err != nil {
		return p, err
	}
	return p, nil
}

// loadError explains why the kernel does not take the programs.
func loadError(err error) error {
	hint := "eBPF programs on functions need Linux 5.11 with CONFIG_BPF_SYSCALL and CONFIG_FTRACE; " + instead
	var verifier *ebpf.VerifierError
	bar, lockedDown := barred.LockedDown(os.DirFS("/"))
	switch {
	case lockedDown:
		err, hint = errors.New(bar.Why), bar.Hint+"; "+instead
	case errors.As(err, &verifier):
		hint = "this kernel's verifier refuses a program, please report it; " + instead
		why := verifier.Cause.Error()
		for _, line := range verifier.Log {
			if line != "" && !strings.HasPrefix(line, "processed ") {
				why = line // the last one says what is wrong
			}
		}
		err = errors.New(why)
	case errors.Is(err, unix.EPERM), errors.Is(err, unix.EACCES):
		hint = "run it with sudo; " + instead
		if os.Geteuid() == 0 {
			hint = "this root lacks CAP_BPF and CAP_PERFMON, as in a container, or a sandbox (seccomp, LSM) forbids it; " + instead
		}
		if bar, is := barred.UserNamespace(os.DirFS("/")); is {
			hint = bar.Hint
		}
		err = unix.EPERM
	}
	return &Error{"loading the eBPF programs", err, hint}
}

// choose leaves the programs that are chosen.
func (p *programs) choose(c *chooser, spec *ebpf.CollectionSpec) error {
	p.chosen, p.absent = c.choose()
	for _, h := range p.absent {
		if h.needed {
			return &Error{"attaching to the kernel", fmt.Errorf("it has no function %s of its own, which tells %s", h.function, h.fact), instead}
		}
	}
	wanted := map[string]bool{"found": true}
	for _, h := range p.chosen {
		wanted[h.program] = true
		spec.Programs[h.program].AttachTo = h.function
	}
	maps.DeleteFunc(spec.Programs, func(name string, _ *ebpf.ProgramSpec) bool { return !wanted[name] })
	return nil
}

// attach attaches the programs. It returns the hook that the kernel has, and
// does not let anything sit on, with the error.
func (p *programs) attach() (refused []hook, err error) {
	for _, h := range p.chosen {
		l, err := link.AttachTracing(link.TracingOptions{Program: p.coll.Programs[h.program]})
		if err != nil {
			return []hook{h}, &Error{"attaching to " + h.function, err, instead}
		}
		p.links = append(p.links, l)
		if h.program == "setsockopt" {
			if err := p.find(); err != nil {
				return nil, err
			}
		}
	}
	return nil, nil
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
