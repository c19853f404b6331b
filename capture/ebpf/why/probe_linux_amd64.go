package why

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/btf"
	"github.com/cilium/ebpf/link"
	"github.com/cilium/ebpf/ringbuf"
	"golang.org/x/sys/unix"

	"github.com/nlsniff/nlsniff/bpf/whyprobe"
	"github.com/nlsniff/nlsniff/internal/barred"
	"github.com/nlsniff/nlsniff/internal/phrase"
)

const tracefs = "/sys/kernel/tracing"

// Prober watches the kernel refuse.
type Prober struct {
	Functions int           // that have probes
	Took      time.Duration // to attach them

	symbols symbols
	returns map[[2]string]result // by module and plain name
	outErr  map[[2]string]bool   // functions that report through a pointer
	errors  map[uint32]bool      // where objects keep an errno
	known   map[[2]string]bool   // functions that BTF describes
	code    *code
	coll    *ebpf.Collection
	links   []link.Link
	reader  *ringbuf.Reader

	mu      sync.Mutex
	reasons []Reason
	open    map[uint32]*window // by tid
	lost    uint64
	done    chan struct{}
}

// window is what happened in one request so far.
type window struct {
	list     []returned
	refusals []refusal
}

type refusal struct {
	refused
	limit int // how many records came before it
}

// Open attaches the probes.
func Open() (*Prober, error) {
	start := time.Now()
	p := &Prober{open: map[uint32]*window{}, done: make(chan struct{})}
	p.code = openCode()
	addrs, err := p.choose()
	if err == nil {
		if err = p.attach(addrs); err != nil {
			p.detach()
		}
	}
	if err != nil {
		p.code.close()
		return nil, err
	}
	p.Functions, p.Took = len(addrs), time.Since(start)
	go p.run()
	return p, nil
}

// choose finds the functions through which a refusal may pass.
func (p *Prober) choose() ([]uintptr, error) {
	f, err := os.Open("/proc/kallsyms")
	if err == nil {
		p.symbols, err = readSymbols(f)
		f.Close()
	}
	if err != nil {
		return nil, &Error{"finding the kernel's functions", err, "run it with sudo; kernel.kptr_restrict must not be 2"}
	}
	blob, err := os.ReadFile("/sys/kernel/btf/vmlinux")
	if err != nil {
		return nil, &Error{"finding what the kernel's functions take", err, "the kernel has to be built with CONFIG_DEBUG_INFO_BTF"}
	}
	base, err := parseBTF(blob, nil)
	if err != nil {
		return nil, &Error{"/sys/kernel/btf/vmlinux", err, ""}
	}
	seeds := map[[2]string]bool{}
	p.returns, p.outErr, p.known = map[[2]string]result{}, map[[2]string]bool{}, map[[2]string]bool{}
	take := func(t *btfTypes, module string) {
		t.functions(func(name string, f function) {
			key := [2]string{module, name}
			p.known[key] = true
			if f.returns != resultNone {
				p.returns[key] = f.returns
			}
			if f.outErr {
				p.outErr[key] = true
			}
			if f.seed && f.returns != resultNone {
				seeds[key] = true
			}
		})
	}
	take(base, "")
	p.errors = base.errorMembers()
	modules, _ := filepath.Glob("/sys/kernel/btf/*")
	for _, path := range modules {
		if name := filepath.Base(path); name != "vmlinux" {
			if blob, err := os.ReadFile(path); err == nil {
				if t, err := parseBTF(blob, base); err == nil {
					take(t, name)
				}
			}
		}
	}
	can, err := p.traceable()
	if err != nil {
		return nil, err
	}
	chosen := map[uint64]bool{}
	for i := range p.symbols {
		s := &p.symbols[i]
		// Where calls are checked (IBT), the tracer's place is behind endbr64.
		if (can[s.addr] || can[s.addr+4]) && seeds[[2]string{s.module, s.plainName()}] {
			chosen[s.addr] = true
			p.callees(i, func(c *symbol) {
				if can[c.addr] || can[c.addr+4] {
					chosen[c.addr] = true
				}
			})
		}
	}
	var addrs []uintptr
	for a := range chosen {
		addrs = append(addrs, uintptr(a))
	}
	slices.Sort(addrs)
	return addrs, nil
}

// callees yields the copies of functions (.isra, .constprop, .part) that one calls
// and of which BTF says nothing: nobody knows what they take and return.
func (p *Prober) callees(at int, yield func(*symbol)) {
	s := &p.symbols[at]
	calls(p.code.read(s.addr, p.symbols.end(at)), s.addr, func(target uint64) bool {
		if i := p.symbols.at(target); i >= 0 && p.symbols[i].addr == target {
			c := &p.symbols[i]
			if name := c.plainName(); name != c.name && !strings.HasSuffix(c.name, ".cold") && !p.known[[2]string{c.module, name}] {
				yield(c)
			}
		}
		return true
	})
}

// traceable reads the tracer's list, for which its file system is mounted if it
// is not.
func (p *Prober) traceable() (map[uint64]bool, error) {
	path := tracefs + "/available_filter_functions_addrs"
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		if unix.Mount("tracefs", tracefs, "tracefs", 0, "") == nil {
			defer func() { _ = unix.Unmount(tracefs, unix.MNT_DETACH) }()
			f, err = os.Open(path)
		}
	}
	if err != nil {
		hint := "run it with sudo"
		if errors.Is(err, os.ErrNotExist) {
			hint = "finding the place needs Linux 6.10 with CONFIG_FUNCTION_TRACER and CONFIG_FPROBE"
		} else if bar, is := barred.LockedDown(os.DirFS("/")); is {
			err, hint = errors.New(bar.Why), bar.Hint
		} else if bar, is := barred.UserNamespace(os.DirFS("/")); is {
			hint = bar.Hint
		}
		return nil, &Error{"reading which functions can be traced", err, hint}
	}
	defer f.Close()
	return traceable(f)
}

// sessionContext reports whether the kernel's session functions take the
// context.
func sessionContext() bool {
	spec, err := btf.LoadKernelSpec()
	if err != nil {
		return false
	}
	var f *btf.Func
	if spec.TypeByName("bpf_session_is_return", &f) != nil {
		return false
	}
	proto, ok := f.Type.(*btf.FuncProto)
	return ok && len(proto.Params) > 0
}

func (p *Prober) attach(addrs []uintptr) error {
	load := whyprobe.LoadSession
	if sessionContext() {
		load = whyprobe.LoadSessionCtx
	}
	spec, err := load()
	if err != nil {
		return err
	}
	if p.coll, err = ebpf.NewCollection(spec); err != nil {
		hint := "finding the place needs Linux 6.10 with BTF, CONFIG_FPROBE, and root"
		if errors.Is(err, unix.EPERM) {
			hint = "run it with sudo; in a container it needs CAP_BPF and CAP_PERFMON, and a kernel that is not locked down"
		}
		return &Error{"loading the probes", err, hint}
	}
	if p.reader, err = ringbuf.NewReader(p.coll.Maps["records"]); err != nil {
		return err
	}
	// The end of a window is attached before its beginning, lest one stays open.
	for _, name := range []string{"send_end", "dump_end", "ack", "dump_done"} {
		l, err := link.AttachTracing(link.TracingOptions{Program: p.coll.Programs[name]})
		if err != nil {
			return &Error{"attaching " + name, err, ""}
		}
		p.links = append(p.links, l)
	}
	l, err := link.KprobeMulti(p.coll.Programs["both"], link.KprobeMultiOptions{Addresses: addrs, Session: true})
	if err != nil {
		return &Error{fmt.Sprintf("attaching to %s", phrase.Count(len(addrs), "function")), err, "finding the place needs Linux 6.10 with CONFIG_FPROBE"}
	}
	p.links = append(p.links, l)
	for _, name := range []string{"send_begin", "dump_begin"} {
		l, err := link.AttachTracing(link.TracingOptions{Program: p.coll.Programs[name]})
		if err != nil {
			return &Error{"attaching " + name, err, ""}
		}
		p.links = append(p.links, l)
	}
	return nil
}

func (p *Prober) detach() {
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

// Close detaches the probes.
func (p *Prober) Close() error {
	p.detach()
	<-p.done
	p.code.close()
	return nil
}

// Take returns the reason of an answer, waiting a moment for it if it is not
// there yet.
func (p *Prober) Take(proto uint16, portid, seq uint32, errno int32) (Reason, bool) {
	return p.take(func(r *Reason) bool {
		return !r.Unanswered && r.Proto == proto && r.PortID == portid && r.Seq == seq && r.Errno == errno
	})
}

// TakeFailed returns the reason why a send of a process failed.
func (p *Prober) TakeFailed(proto uint16, pid uint32, errno int32) (Reason, bool) {
	return p.take(func(r *Reason) bool { return r.Unanswered && r.Proto == proto && r.PID == pid && r.Errno == errno })
}

// patience is how long an answer waits for its reason.
const patience = 300 * time.Millisecond

// kept is how many reasons wait for their answers.
const kept = 4096

func (p *Prober) take(is func(*Reason) bool) (Reason, bool) {
	for end := time.Now().Add(patience); ; time.Sleep(time.Millisecond) {
		p.mu.Lock()
		for i := range p.reasons {
			if r := p.reasons[i]; is(&r) {
				p.reasons = append(p.reasons[:i], p.reasons[i+1:]...)
				p.mu.Unlock()
				return r, true
			}
		}
		p.mu.Unlock()
		if time.Now().After(end) {
			return Reason{}, false
		}
	}
}

// run reads records until the reader closes.
func (p *Prober) run() {
	defer close(p.done)
	var rec ringbuf.Record
	for {
		if err := p.reader.ReadInto(&rec); err != nil {
			return
		}
		p.handle(rec.RawSample)
	}
}

func (p *Prober) handle(b []byte) {
	e := binary.NativeEndian
	if len(b) < 8 {
		return
	}
	tid := e.Uint32(b[4:])
	w := p.open[tid]
	if w == nil {
		w = &window{}
		p.open[tid] = w
	}
	switch kind := e.Uint32(b); {
	case kind == recordReturned && len(b) >= returnedLen:
		w.list = append(w.list, readReturned(b))
	case (kind == recordRefused || kind == recordRefusedDump) && len(b) >= refusedLen:
		w.refusals = append(w.refusals, refusal{readRefused(b), len(w.list)})
	case (kind == recordSent || kind == recordDumped) && len(b) >= endedLen:
		delete(p.open, tid)
		p.end(w, kind == recordSent, b)
	}
}

// end finds the reasons of a window. Answers are taken from the last to the
// first, as a batch of nftables answers at its end, in the order of its messages.
func (p *Prober) end(w *window, sent bool, b []byte) {
	e := binary.NativeEndian
	lost := e.Uint64(b[16:])
	hole := lost != p.lost
	p.lost = lost
	var found []Reason
	limit := len(w.list)
	for i := len(w.refusals) - 1; i >= 0; i-- {
		r := w.refusals[i]
		limit = min(limit, r.limit)
		reason := Reason{PID: r.pid, PortID: r.portid, Seq: r.seq, Proto: r.proto, Errno: r.errno, Text: r.text, Comm: r.comm, Lost: hole}
		limit = p.explain(&reason, w.list, limit)
		found = append([]Reason{reason}, found...)
	}
	if value := int32(e.Uint32(b[12:])); sent && value < 0 {
		reason := Reason{PID: e.Uint32(b[8:]), PortID: e.Uint32(b[24:]), Proto: e.Uint16(b[28:]), Errno: value, Comm: cString(b[36:52]), Unanswered: true, Lost: hole}
		p.explain(&reason, w.list, len(w.list))
		found = append(found, reason)
	}
	if len(found) == 0 {
		return
	}
	p.mu.Lock()
	p.reasons = append(p.reasons, found...)
	if n := len(p.reasons) - kept; n > 0 {
		p.reasons = append(p.reasons[:0], p.reasons[n:]...)
	}
	p.mu.Unlock()
}

// explain fills in the chain of a reason from the records before limit.
func (p *Prober) explain(r *Reason, list []returned, limit int) (from int) {
	chain, from := chainOf(list, limit, func(rec returned) bool {
		if int32(rec.value) != r.Errno {
			return false
		}
		i := p.symbols.at(rec.ip)
		if i < 0 {
			return false
		}
		s := &p.symbols[i]
		switch p.returns[[2]string{s.module, s.plainName()}] {
		case resultLong, resultPointer:
			return rec.value == int64(r.Errno)
		}
		return true
	})
	for i, rec := range chain {
		at := p.symbols.at(rec.ip)
		s := &p.symbols[at]
		r.Chain = append(r.Chain, Step{Function: s.plainName(), Module: s.module})
		if i == 0 {
			r.Sure, r.Places = p.sure(at, r.Errno)
		}
	}
	return from
}

// sure looks for the errno in the code of a function and of the part of it that
// the compiler thought unlikely.
func (p *Prober) sure(at int, errno int32) (Sure, int) {
	text := p.code.read(p.symbols[at].addr, p.symbols.end(at))
	if text == nil {
		return SureUnknown, 0
	}
	if p.callsOutErr(text, p.symbols[at].addr) || readsShort(text, p.errors) {
		// Nobody sees whether the errno came that way, or out of an object where
		// something else had put it.
		return SurePassed, 0
	}
	unseen := false
	p.callees(at, func(c *symbol) {
		i := p.symbols.at(c.addr)
		unseen = unseen || constants(p.code.read(c.addr, p.symbols.end(i)), errno) > 0
	})
	if unseen {
		// Had it returned the errno, it would be the innermost; but it may give it
		// back through a pointer.
		return SurePassed, 0
	}
	n := constants(text, errno)
	cold := p.symbols[at].name + ".cold"
	for i := range p.symbols {
		if s := &p.symbols[i]; s.name == cold && s.module == p.symbols[at].module {
			n += constants(p.code.read(s.addr, p.symbols.end(i)), errno)
		}
	}
	switch n {
	case 0:
		return SurePassed, 0
	case 1:
		return SureOne, 1
	}
	return SureSome, n
}

// callsOutErr reports whether code calls a function that gives its errno back
// through a pointer, which no probe at its return can see.
func (p *Prober) callsOutErr(text []byte, at uint64) (found bool) {
	calls(text, at, func(target uint64) bool {
		if i := p.symbols.at(target); i >= 0 && p.symbols[i].addr == target {
			s := &p.symbols[i]
			found = p.outErr[[2]string{s.module, s.plainName()}] || p.outErr[[2]string{"", s.plainName()}]
		}
		return !found
	})
	return found
}
