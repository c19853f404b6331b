package replay

import (
	"context"
	"errors"
	"fmt"
	"runtime"

	"golang.org/x/sys/unix"

	"github.com/nlsniff/nlsniff/capture/ebpf/why"
	"github.com/nlsniff/nlsniff/families"
)

// RunAsking does what Run does, and finds out where the kernel refuses if the plan
// says so and the kernel can tell. It takes root.
func RunAsking(ctx context.Context, p *Plan, db *families.DB) (*Result, error) {
	if !p.Why {
		return Run(ctx, p, db)
	}
	rehearse(ctx, p, db)
	prober, err := why.Open()
	if err != nil {
		r, failed := Run(ctx, p, db)
		if failed == nil {
			r.NoWhy = err.Error()
			var e *why.Error
			if errors.As(err, &e) && e.Hint != "" {
				r.NoWhy += fmt.Sprintf("; hint: %s", e.Hint)
			}
		}
		return r, failed
	}
	defer prober.Close()
	r, err := Run(ctx, p, db)
	if err == nil {
		r.Explain(prober.Take)
	}
	return r, err
}

// rehearse runs a plan in a network namespace of its own, since a module that
// comes only when it is asked for has no probes. What is not of a network
// namespace alone is left for the real run.
func rehearse(ctx context.Context, p *Plan, db *families.DB) {
	for i := range p.Sockets {
		switch p.Sockets[i].Proto {
		case families.ProtoRoute, families.ProtoNetfilter, families.ProtoXFRM:
		default:
			return
		}
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread() // and never unlocked: the thread ends with the namespace
		if unix.Unshare(unix.CLONE_NEWNET) == nil {
			_, _ = Run(ctx, p, db)
		}
	}()
	<-done
}
