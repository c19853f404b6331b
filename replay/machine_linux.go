package replay

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/nlsniff/nlsniff/internal/machine"
)

// Machine is a virtual machine of an installed kernel, started anew for each
// run. A plan runs there as root, in the machine's first network namespace.
type Machine struct {
	// Kernel is the version of an installed kernel ("6.12"), or the path of
	// an image beside whose release /lib/modules has modules.
	Kernel  string
	Modules []string // loaded first
	Timeout time.Duration
	// Say, if set, is told of starts that are tried again.
	Say func(string)
}

// ErrNoMachine says that virtual machines cannot be started here, and why.
var ErrNoMachine = errors.New("no virtual machine can be started")

// Run runs a plan.
func (m Machine) Run(ctx context.Context, p *Plan) (*Result, error) {
	if _, err := exec.LookPath(machine.QEMU); err != nil {
		return nil, fmt.Errorf("%w: %s is not installed", ErrNoMachine, machine.QEMU)
	}
	if _, err := machine.StaticBusybox(); err != nil {
		return nil, fmt.Errorf("%w: %v", ErrNoMachine, err)
	}
	k, err := machine.Find(m.Kernel)
	if err != nil {
		return nil, fmt.Errorf("%w: %v", ErrNoMachine, err)
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "nlsniff-replay")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	plan, err := json.Marshal(p)
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(dir, "plan"), plan, 0o600); err != nil {
		return nil, err
	}
	if m.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, m.Timeout, fmt.Errorf("no end after %s", m.Timeout))
		defer cancel()
	}
	var said bytes.Buffer
	status, err := machine.Boot(ctx, k, machine.Command{
		Args: []string{self}, Env: []string{childVar + "=files:" + machine.OutDir}, Modules: append(modules(k, p), m.Modules...), Out: dir, Say: m.Say,
	}, &said)
	switch {
	case err != nil:
		return nil, err
	case status != 0:
		return nil, fmt.Errorf("kernel %s: %s", k.Release, strings.TrimSpace(said.String()))
	}
	result, err := os.ReadFile(filepath.Join(dir, "result"))
	if err != nil {
		return nil, err
	}
	return decode(result)
}

// modules are those with the names of generic families that a plan uses: of
// some the kernel does not know which module has them.
func modules(k *machine.Kernel, p *Plan) []string {
	var out []string
	for i := range p.Requests {
		for _, w := range p.Requests[i].Rewrites {
			if w.Kind != RewriteFamily || w.Name == "" {
				continue
			}
			name := strings.ReplaceAll(strings.ToLower(w.Name), "-", "_")
			if k.Has(name) && !slices.Contains(out, name) {
				out = append(out, name)
			}
		}
	}
	return out
}
