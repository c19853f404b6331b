//go:build linux

package replay

import (
	"strings"
	"testing"
	"time"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/flow"
	"github.com/nlsniff/nlsniff/internal/machine"
	"github.com/nlsniff/nlsniff/internal/need"
	"github.com/nlsniff/nlsniff/render"
)

// TestKernelsVM: the same requests on two kernels, which differ in what they
// answer: 6.1 lists no hooks of nf_tables' own chains, for which 6.12 has a list
// as the capture's kernel had.
func TestKernelsVM(t *testing.T) {
	if testing.Short() || machine.Race {
		t.Skip("starts virtual machines")
	}
	need.Tool(t, machine.QEMU)
	_, err := machine.StaticBusybox()
	need.Need(t, err == nil, "no static busybox")
	for _, v := range []string{"6.1", "6.12"} {
		_, err := machine.Find(v)
		need.Need(t, err == nil, "kernel "+v+" is not installed")
	}
	c := open(t, "nft_all")
	p, err := c.Plan(func(_ *Loaded, tree *dissect.Tree, m *dissect.Msg, _ flow.Ref) bool {
		return string(render.AppendOp(nil, m)) == "NFNL_MSG_HOOK_GET"
	})
	if err != nil {
		t.Fatal(err)
	}
	var reports []*Report
	for _, v := range []string{"6.1", "6.12"} {
		r, err := Machine{Kernel: v, Timeout: 5 * time.Minute}.Run(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		rep, err := Compare(c, p, r, render.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(rep.Kernel.Release, v+".") {
			t.Errorf("kernel %s is %s", v, rep.Kernel.Release)
		}
		reports = append(reports, rep)
	}
	var out strings.Builder
	WriteKernels(&out, reports, false)
	t.Log(out.String())
	if old, now := reports[0].Outcome, reports[1].Outcome; old == 0 || now != 0 {
		t.Errorf("%d requests come to something else on 6.1, %d on 6.12", old, now)
	}
	for _, want := range []string{"EINVAL", "nf-hook", "with the same outcome", "6.12."} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
}
