package filter

import (
	"errors"
	"testing"
	"time"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/flow"
	"github.com/nlsniff/nlsniff/internal/pcaptest"
	"github.com/nlsniff/nlsniff/render"
)

// TestColumnsAgree: a name means the same as a column and as a filter. For
// every name that is not an attribute, for those that tshark has, and for paths,
// a column is empty where the filter that asks whether the field is there does
// not match, and only there.
func TestColumnsAgree(t *testing.T) {
	env := NewEnv(families.Embedded(), time.UTC)
	names := []string{
		"IFLA_IFNAME", "mtu", "IFLA_LINKINFO/IFLA_INFO_KIND", "rt-link.linkinfo.kind", "ifinfomsg.ifi_index",
		"ethtool.combined-count", "link.ifname", "nlmsg_seq", "CTRL_ATTR_OP_ID", "rtm_family",
	}
	for _, f := range env.Builtins() {
		names = append(names, f.Name)
	}
	for _, a := range Aliases() {
		names = append(names, a.Name)
	}
	var matchers []*Matcher
	known := names[:0]
	for _, n := range names {
		if env.resolve(n, true) == nil {
			t.Errorf("no field is called %s", n)
			continue
		}
		if f, err := Compile(n, env); err != nil {
			t.Errorf("as a filter: %s: %v", n, err)
		} else {
			known = append(known, n)
			matchers = append(matchers, f.Matcher())
		}
	}
	cols, err := NewColumns(known, env)
	if err != nil {
		t.Fatal(err)
	}
	r, d := cols.Reader(), dissect.New(env.db)
	var cells []render.Cell
	there := map[string]bool{}
	for _, file := range []string{"route_links", "genl_misc", "nft_all", "userspace_peer", "uevent"} {
		s := dissect.NewSession(dissect.OrderAuto)
		list := pcaptest.Inputs(t, file, s)
		for i := range list {
			if i%5 != 0 && i > 100 {
				continue
			}
			in := &list[i]
			x := &flow.Exchange{ID: 7, State: flow.Failed, Errno: -22, Replies: 3}
			ev := &render.Event{
				Number: in.Number, OrigLen: in.OrigLen, Links: in.Links, Tree: d.Frame(in), Time: 5, Process: capture.Process{PID: 9, Comm: "ip"},
				Refs: []flow.Ref{{Exchange: 7, Role: flow.Request}}, Exchange: func(uint64) *flow.Exchange { return x },
			}
			no := 0
			for m := range ev.Tree.Own() {
				r.Turn(ev, no, m)
				for k, name := range known {
					cells = r.Cells(cells[:0], k)
					if matchers[k].Message(ev, m) != (len(cells) > 0) {
						t.Fatalf("%s frame %d: %s has %d values as a column, but the filter says otherwise", file, in.Number, name, len(cells))
					}
					there[name] = there[name] || len(cells) > 0
				}
				no++
			}
		}
	}
	if len(there) < 150 {
		t.Errorf("only %d names were asked for", len(there))
	}
	n := 0
	for _, ok := range there {
		if ok {
			n++
		}
	}
	if n < 100 {
		t.Errorf("only %d names occur", n)
	}
}

// TestColumnsUnknown: a name that nothing has is an error with what was
// probably meant.
func TestColumnsUnknown(t *testing.T) {
	env := NewEnv(families.Embedded(), time.UTC)
	for name, hint := range map[string]string{
		"exchange.latancy": "did you mean exchange.latency?", "IFLA_IFNANE": "did you mean IFLA_IFNAME?",
		"netlink-route.ifla_ifnane": "did you mean netlink-route.ifla_ifname?",
	} {
		_, err := NewColumns([]string{"seq", name}, env)
		var e *Error
		if !errors.As(err, &e) || e.Hint != hint {
			t.Errorf("%s: %v, want the hint %q", name, err, hint)
		}
	}
}
