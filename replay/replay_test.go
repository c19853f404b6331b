//go:build linux

package replay

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/flow"
	"github.com/nlsniff/nlsniff/internal/need"
	"github.com/nlsniff/nlsniff/internal/pcaptest"
	"github.com/nlsniff/nlsniff/render"
)

func TestMain(m *testing.M) {
	Child()
	os.Exit(m.Run())
}

func open(t *testing.T, name string) *Capture {
	t.Helper()
	return load(t, pcaptest.Path(name+".pcap"))
}

// needNamespace skips a test where no user namespace can be made.
func needNamespace(t *testing.T) {
	t.Helper()
	_, err := Namespace{}.Run(t.Context(), &Plan{})
	need.Need(t, err == nil, fmt.Sprint(err))
}

// TestAgain replays each capture, and then what was said in that replay: the
// same kernel has to say the same, down to the attribute that its words are
// about.
func TestAgain(t *testing.T) {
	needNamespace(t)
	names := pcaptest.Names
	if testing.Short() {
		names = []string{"route_addrs", "nft_all", "tc_all", "ethtool_all"}
	}
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			c := open(t, name)
			p, err := c.Plan(nil)
			if name == "connector" || name == "uevent" { // programs that only listen
				if !errors.Is(err, ErrNoRequests) {
					t.Errorf("error %v, want %v", err, ErrNoRequests)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			first, err := Namespace{}.Run(t.Context(), p)
			if err != nil {
				t.Fatal(err)
			}
			again, err := first.load(families.Embedded())
			if err != nil {
				t.Fatal(err)
			}
			p, err = again.Plan(nil)
			if err != nil {
				t.Fatal(err)
			}
			second, err := Namespace{}.Run(t.Context(), p)
			if err != nil {
				t.Fatal(err)
			}
			rep, err := Compare(again, p, second, render.Options{})
			if err != nil {
				t.Fatal(err)
			}
			for _, x := range rep.Outcomes {
				for _, d := range x.Differs {
					// What there is to list can change in between: timers
					// run, and other programs have sockets.
					switch d.What {
					case "outcome", "errno", "text", "attr":
						t.Errorf("#%d %s: %s: %s, then %s (%s)", x.Exchange, x.Op, d.What, d.Then, d.Now, x.Expected)
					}
				}
			}
			t.Logf("%d requests, %d the same, %d with other values", len(p.Requests), rep.Same, rep.Differ)
		})
	}
}

// TestOutsideStays: what is replayed changes nothing of this machine.
func TestOutsideStays(t *testing.T) {
	needNamespace(t)
	state := func() string {
		var out strings.Builder
		for _, proto := range []int{syscall.RTM_GETLINK, syscall.RTM_GETADDR, syscall.RTM_GETROUTE, unix.RTM_GETRULE} {
			b, err := syscall.NetlinkRIB(proto, syscall.AF_UNSPEC)
			if err != nil {
				t.Fatal(err)
			}
			list, err := syscall.ParseNetlinkMessage(b)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range list {
				// The headers of all, and of links what they are called: counters differ.
				if n := len(m.Data); m.Header.Type == unix.RTM_NEWLINK {
					attrs, _ := syscall.ParseNetlinkRouteAttr(&m)
					for _, a := range attrs {
						if a.Attr.Type == unix.IFLA_IFNAME || a.Attr.Type == unix.IFLA_MTU {
							fmt.Fprintf(&out, "%x ", a.Value)
						}
					}
					fmt.Fprintf(&out, "%x\n", m.Data[:min(n, 12)])
				} else if m.Header.Type != unix.RTM_NEWADDR {
					fmt.Fprintf(&out, "%d %x\n", m.Header.Type, m.Data[:min(n, 12)])
				}
			}
		}
		return out.String()
	}
	before := state()
	for _, name := range []string{"route_links", "route_addrs", "tc_all", "nft_all"} {
		p, err := open(t, name).Plan(nil)
		if err != nil {
			t.Fatal(err)
		}
		r, err := Namespace{}.Run(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		if len(r.Sent) != len(p.Requests) {
			t.Errorf("%s: %d of %d requests were tried", name, len(r.Sent), len(p.Requests))
		}
	}
	if after := state(); after != before {
		t.Errorf("before:\n%s\nafter:\n%s", before, after)
	}
}

// refused replays a request that this kernel refuses with words in a plan of
// several, of which only one is needed.
func refused(t *testing.T) (*Capture, *Plan) {
	t.Helper()
	var b []byte
	link := func(seq uint32, name, kind string) []byte {
		body := make([]byte, unix.SizeofIfInfomsg)
		body = attr(body, unix.IFLA_MTU, []byte{220, 5, 0, 0})
		body = attr(body, unix.IFLA_IFNAME, append([]byte(name), 0))
		body = attr(body, unix.IFLA_LINKINFO, attr(nil, unix.IFLA_INFO_KIND, append([]byte(kind), 0)))
		m := binary.NativeEndian.AppendUint32(nil, uint32(hdrLen+len(body)))
		m = binary.NativeEndian.AppendUint16(m, unix.RTM_NEWLINK)
		m = binary.NativeEndian.AppendUint16(m, unix.NLM_F_REQUEST|unix.NLM_F_ACK|unix.NLM_F_CREATE|unix.NLM_F_EXCL)
		m = binary.NativeEndian.AppendUint32(m, seq)
		m = binary.NativeEndian.AppendUint32(m, 0)
		return append(m, body...)
	}
	p := &Plan{Sockets: []Socket{{Proto: families.ProtoRoute}}}
	for i, n := range []string{"d0", "d1", "d2", "d3", "d1"} {
		b = link(uint32(i+1), n, "ifb")
		p.Requests = append(p.Requests, Request{Data: b, Options: capture.OptExtAck, Answers: []bool{true}})
	}
	r, err := Namespace{}.Run(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	c, err := r.load(families.Embedded())
	if err != nil {
		t.Fatal(err)
	}
	return c, p
}

// twice is a plan that gives lo five addresses, the last of which it has by then.
// Every kernel can do that.
func twice() *Plan {
	p := &Plan{Sockets: []Socket{{Proto: families.ProtoRoute}}, LoopbackUp: true}
	for i, last := range []byte{1, 2, 3, 4, 2} {
		body := []byte{unix.AF_INET, 32, 0, unix.RT_SCOPE_HOST}
		body = binary.NativeEndian.AppendUint32(body, 1)
		body = attr(body, unix.IFA_LOCAL, []byte{127, 9, 9, last})
		body = attr(body, unix.IFA_LABEL, []byte("lo\x00"))
		m := binary.NativeEndian.AppendUint32(nil, uint32(hdrLen+len(body)))
		m = binary.NativeEndian.AppendUint16(m, unix.RTM_NEWADDR)
		m = binary.NativeEndian.AppendUint16(m, unix.NLM_F_REQUEST|unix.NLM_F_ACK|unix.NLM_F_CREATE|unix.NLM_F_EXCL)
		m = binary.NativeEndian.AppendUint32(m, uint32(i+1))
		m = binary.NativeEndian.AppendUint32(m, 0)
		p.Requests = append(p.Requests, Request{Data: append(m, body...), Options: capture.OptExtAck, Answers: []bool{true}})
	}
	return p
}

// lenient is a kernel that does not mind what is there already.
type lenient struct{ Namespace }

func (l lenient) Run(ctx context.Context, p *Plan) (*Result, error) {
	o := *p
	o.Requests = slices.Clone(p.Requests)
	for i := range o.Requests {
		q := &o.Requests[i]
		q.Data = slices.Clone(q.Data)
		flags := binary.NativeEndian.Uint16(q.Data[hdrFlags:])
		binary.NativeEndian.PutUint16(q.Data[hdrFlags:], flags&^unix.NLM_F_EXCL|unix.NLM_F_REPLACE)
	}
	return l.Namespace.Run(ctx, &o)
}

// TestMinimiseTwoKernels: what is left is what two kernels still answer
// differently.
func TestMinimiseTwoKernels(t *testing.T) {
	needNamespace(t)
	m, err := Minimise(t.Context(), twice(), families.Embedded(), Namespace{}, lenient{})
	if err != nil {
		t.Fatal(err)
	}
	if len(m.Plan.Requests) != 2 || len(m.Results) != 2 || m.Answers[0].Error != "EEXIST" || m.Answers[1].Outcome != "ok" {
		t.Errorf("%d requests: %v", len(m.Plan.Requests), m.Answers)
	}
}

// TestMinimise: of five requests, the last of which fails as one before it
// made the same name, two are left.
func TestMinimise(t *testing.T) {
	needNamespace(t)
	p := twice()
	m, err := Minimise(t.Context(), p, families.Embedded(), Namespace{})
	if err != nil {
		t.Fatal(err)
	}
	if m.Answers[0].Error != "EEXIST" {
		t.Fatalf("the last of the requests comes to %s", m.Answers[0])
	}
	if len(m.Plan.Requests) != 2 || m.Attrs == 0 || m.BytesLeft >= m.Bytes {
		t.Errorf("%d requests, %d attributes dropped, %d of %d bytes: %+v", len(m.Plan.Requests), m.Attrs, m.BytesLeft, m.Bytes, m.Plan.Requests)
	}
	all, err := m.Results[0].Answers(m.Plan, families.Embedded())
	if err != nil {
		t.Fatal(err)
	}
	if got := all[len(all)-1]; got.Error != "EEXIST" {
		t.Errorf("the smallest comes to %s", got)
	}
}

// TestPrepare: the requests that made what one names are found, and no others.
func TestPrepare(t *testing.T) {
	needNamespace(t)
	c, _ := refused(t)
	var last uint64
	for _, e := range c.Exchanges {
		if e != nil && e.Errno != 0 {
			last = e.ID
		}
	}
	p, err := c.Plan(func(_ *Loaded, _ *dissect.Tree, _ *dissect.Msg, ref flow.Ref) bool { return ref.Exchange == last })
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Prepare(p); err != nil {
		t.Fatal(err)
	}
	if len(p.Requests) != 2 || !p.Requests[0].Prepares || p.Requests[0].Makes != "d1" || p.Requests[1].Prepares {
		t.Fatalf("%+v", p.Requests)
	}
	r, err := Namespace{}.Run(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	if a, _ := c.Answered(last); a.Error != "EEXIST" {
		need.Need(t, false, "this kernel cannot make an ifb: "+a.String())
	}
	rep, err := Compare(c, p, r, render.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if rep.Differ != 0 || rep.Same != 1 || rep.Prepared != 1 {
		t.Errorf("%+v", rep)
	}
	// Without what made it, the same request succeeds, and that is told.
	p.Requests = p.Requests[1:]
	if r, err = (Namespace{}).Run(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	if rep, err = Compare(c, p, r, render.Options{}); err != nil {
		t.Fatal(err)
	}
	if rep.Outcome != 1 || rep.Outcomes[0].Differs[0] != (Difference{What: "outcome", Then: "error EEXIST", Now: "ok"}) {
		t.Errorf("%+v", rep.Outcomes)
	}
}

// TestOtherOrder: the requests of a big-endian machine are those of a
// little-endian one once they are turned.
func TestOtherOrder(t *testing.T) {
	for _, name := range pcaptest.Some(pcaptest.Names) {
		c := open(t, name)
		var there []capture.Frame
		for i := range c.Frames {
			f := c.Frames[i].Frame
			tree := c.Tree(i)
			f.Data = slices.Clone(f.Data)
			turn(tree, f.Data[capture.CookedLen:])
			there = append(there, f)
		}
		other, err := Load(&frames{there}, families.Embedded(), dissect.OrderBig)
		if err != nil {
			t.Fatal(err)
		}
		a, err := c.Plan(nil)
		if errors.Is(err, ErrNoRequests) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		b, err := other.Plan(nil)
		if err != nil {
			t.Fatal(err)
		}
		if len(a.Requests) != len(b.Requests) {
			t.Fatalf("%s: %d requests, %d in the other order", name, len(a.Requests), len(b.Requests))
		}
		for i := range a.Requests {
			if !bytes.Equal(a.Requests[i].Data, b.Requests[i].Data) {
				t.Errorf("%s: frame %d\n%x\n%x", name, a.Requests[i].Frame, a.Requests[i].Data, b.Requests[i].Data)
			}
		}
	}
}

// frames is a source of frames in memory.
type frames struct{ list []capture.Frame }

func (s *frames) Next(f *capture.Frame) error {
	if len(s.list) == 0 {
		return io.EOF
	}
	*f, s.list = s.list[0], s.list[1:]
	return nil
}
func (s *frames) Stats() capture.Stats { return capture.Stats{} }
func (s *frames) Close() error         { return nil }
