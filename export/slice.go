package export

import (
	"io"

	"github.com/nlsniff/nlsniff/internal/slice"
	"github.com/nlsniff/nlsniff/replay"
)

// Slice writes the exchanges of a plan as a capture: their requests and what came
// of them, the events of their sockets, and the frames that name what they speak
// of.
func Slice(w io.Writer, c *replay.Capture, plan *replay.Plan) error {
	want := map[uint64]bool{}
	for i := range plan.Requests {
		for _, id := range plan.Requests[i].Exchanges {
			want[id] = id != 0
		}
	}
	n := slice.New(c.DB)
	for i := range c.Frames {
		f := &c.Frames[i]
		for _, r := range f.Refs {
			if want[r.Exchange] {
				n.Want(f.Number)
			}
		}
		n.Pass(&f.Frame, &f.Input)
	}
	n.Settle()
	out := slice.NewWriter(w, "pcapng", n)
	for i := range c.Frames {
		if err := out.Write(&c.Frames[i].Frame); err != nil {
			return err
		}
	}
	return out.Close()
}
