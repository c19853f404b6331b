package main

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/nlsniff/nlsniff/capture/pcapng"
	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/flow"
	"github.com/nlsniff/nlsniff/replay"
	"github.com/nlsniff/nlsniff/tui"
	"github.com/nlsniff/nlsniff/tui/store"
)

// replayer replays exchanges of a file for the terminal interface: what they
// depend on first, in a namespace of their own.
func replayer(file string, o store.Options) tui.Replay {
	return func(exchange int) ([]string, func() (tui.ReplayResult, error), error) {
		src, err := pcapng.Open(file, pcapng.Options{Events: true, Convert: o.Convert})
		if err != nil {
			return nil, nil, err
		}
		defer src.Close()
		c, err := replay.Load(src, o.DB, o.Order)
		if err != nil {
			return nil, nil, err
		}
		plan, err := c.Plan(func(_ *replay.Loaded, _ *dissect.Tree, _ *dissect.Msg, ref flow.Ref) bool {
			return ref.Exchange == uint64(exchange)
		})
		if err != nil {
			return nil, nil, err
		}
		if err := c.Prepare(plan); err != nil {
			return nil, nil, err
		}
		var text bytes.Buffer
		replay.WritePlan(&text, plan)
		var lines []string
		for l := range strings.Lines(text.String()) {
			if l = strings.TrimSpace(l); !strings.HasPrefix(l, "offset ") {
				lines = append(lines, l)
			}
		}
		return lines, func() (tui.ReplayResult, error) {
			var out tui.ReplayResult
			ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
			defer cancel()
			res, err := replay.Namespace{}.Run(ctx, plan)
			if err != nil {
				return out, err
			}
			rep, err := replay.Compare(c, plan, res, o.Render)
			if err != nil {
				return out, err
			}
			i := slices.IndexFunc(rep.Outcomes, func(x replay.Compared) bool { return x.Exchange == uint64(exchange) })
			if i < 0 {
				return out, errors.New("the replay has nothing of this exchange")
			}
			rows, err := replay.Sides(c, res, &rep.Outcomes[i], o.Render)
			out.Title = "on " + res.Kernel.Release
			for _, r := range rows {
				out.Rows = append(out.Rows, tui.ReplayRow(r))
			}
			return out, err
		}, nil
	}
}
