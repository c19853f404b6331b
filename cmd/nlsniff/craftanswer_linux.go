package main

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"

	"github.com/nlsniff/nlsniff/capture/pcapng"
	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/internal/phrase"
	"github.com/nlsniff/nlsniff/replay"
)

// show prints what was said as read does, and what came of it.
func (r *crafting) show(c *cobra.Command, p *replay.Plan, res *replay.Result, whats []string) error {
	if res == nil { // what would be sent
		res = &replay.Result{}
		for i := range p.Requests {
			q := &p.Requests[i]
			res.Frames = append(res.Frames, replay.Frame{Proto: p.Sockets[q.Socket].Proto, Request: i, Data: q.Data, Options: q.Options})
			res.Sent = append(res.Sent, replay.Sent{Frame: i + 1})
		}
		if r.flags.fuzzing {
			for _, w := range whats {
				fmt.Fprintln(c.OutOrStdout(), w)
			}
			return nil
		}
		return r.print(c, res, namesFirst(p))
	}
	held, err := replay.Load(res.Source(), r.db, dissect.OrderAuto)
	if err != nil {
		return err
	}
	if r.flags.fuzzing {
		return r.outcomes(c, held, res, whats)
	}
	refused := false
	for i := range res.Sent {
		a := answer(held, res, i)
		refused = refused || a.Errno != 0 || res.Sent[i].Frame == 0
	}
	if err := r.print(c, res, nil); err != nil {
		return err
	}
	if r.flags.read.format == "text" {
		if err := r.explain(c, res, refused); err != nil {
			return err
		}
	}
	for i := range res.Sent {
		if s := res.Sent[i].Skipped; s != "" {
			fmt.Fprintf(r.stderr, "nlsniff: %s was not sent: %s\n", whats[i], s)
		}
	}
	if refused {
		return exitCode(exitNo)
	}
	return nil
}

// namesFirst are frames of the controller's that name the generic families, for
// whoever decodes what was not sent.
func namesFirst(p *replay.Plan) []replay.Frame {
	ids := map[string]uint16{}
	for i := range p.Requests {
		for _, x := range p.Requests[i].Rewrites {
			ids[x.Name] = uint16(x.Value)
		}
	}
	var out []replay.Frame
	for name, id := range ids {
		body := []byte{1, 2, 0, 0} // CTRL_CMD_NEWFAMILY
		attr := func(typ uint16, v []byte) {
			body = binary.NativeEndian.AppendUint16(body, uint16(4+len(v)))
			body = append(binary.NativeEndian.AppendUint16(body, typ), v...)
			for len(body)%4 != 0 {
				body = append(body, 0)
			}
		}
		attr(unix.CTRL_ATTR_FAMILY_NAME, append([]byte(name), 0))
		attr(unix.CTRL_ATTR_FAMILY_ID, binary.NativeEndian.AppendUint16(nil, id))
		msg := make([]byte, 16, 16+len(body))
		binary.NativeEndian.PutUint32(msg, uint32(16+len(body)))
		binary.NativeEndian.PutUint16(msg[4:], unix.GENL_ID_CTRL)
		out = append(out, replay.Frame{Proto: families.ProtoGeneric, Received: true, Request: -1, Data: append(msg, body...)})
	}
	return out
}

// print prints the frames that are about the requests, as read does.
func (r *crafting) print(c *cobra.Command, res *replay.Result, before []replay.Frame) error {
	return r.reread(c, &r.flags.read, slices.Concat(before, res.Frames))
}

// explain prints a line an exchange, and all that is known of it if the kernel
// refused.
func (r *crafting) explain(c *cobra.Command, res *replay.Result, refused bool) error {
	f := r.flags.read
	f.exchanges, f.hex, f.verbose = true, false, refused
	return r.reread(c, &f, res.Frames)
}

// reread has frames read as a capture, of which those are printed that are about
// the requests.
func (r *crafting) reread(c *cobra.Command, f *readFlags, frames []replay.Frame) error {
	fd, err := unix.MemfdCreate("craft", unix.MFD_CLOEXEC)
	if err != nil {
		return err
	}
	file := os.NewFile(uintptr(fd), "craft")
	defer file.Close()
	w := pcapng.NewWriter(file, pcapng.Section{})
	var shown []string
	for i := range frames {
		x := frames[i].Frame(i + 1)
		if err := w.Write(&x); err != nil {
			return err
		}
		if frames[i].Request >= 0 {
			shown = append(shown, fmt.Sprint(i+1))
		}
	}
	if err := w.Close(); err != nil {
		return err
	}
	if len(shown) == 0 {
		return nil // nothing was sent
	}
	again := *f
	again.file = fmt.Sprintf("/proc/self/fd/%d", fd)
	if len(shown) < len(frames) {
		again.filter = "frame.number in {" + strings.Join(shown, ", ") + "}"
	}
	x := &cobra.Command{}
	x.SetOut(c.OutOrStdout())
	x.SetErr(c.ErrOrStderr())
	return read(x, &again)
}

// answer is what the kernel said to the i-th request.
func answer(held *replay.Capture, res *replay.Result, i int) replay.Answer {
	s := res.Sent[i]
	if s.Errno != 0 || s.Frame == 0 || s.Frame > len(held.Frames) {
		return replay.Answer{Outcome: "not sent", Errno: s.Errno}
	}
	var out replay.Answer
	for _, ref := range held.Frames[s.Frame-1].Refs {
		if a, ok := held.Answered(ref.Exchange); ok && (out.Outcome == "" || out.Errno == 0) {
			out = a
		}
	}
	return out
}

// outcomes prints a line for each variant, and how many came to what.
func (r *crafting) outcomes(c *cobra.Command, held *replay.Capture, res *replay.Result, whats []string) error {
	out := bufio.NewWriter(c.OutOrStdout())
	count := map[string]int{}
	for i := range res.Sent {
		a := answer(held, res, i)
		key := a.Outcome
		if a.Error != "" {
			key = a.Error
		}
		count[key]++
		fmt.Fprintf(out, "%4d  %s → %s\n", i+1, whats[i], a)
	}
	keys := make([]string, 0, len(count))
	for k := range count {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b string) int {
		if d := count[b] - count[a]; d != 0 {
			return d
		}
		return strings.Compare(a, b)
	})
	fmt.Fprintf(out, "%s:", phrase.Count(len(res.Sent), "variant"))
	for i, k := range keys {
		if i > 0 {
			fmt.Fprint(out, ",")
		}
		fmt.Fprintf(out, " %d %s", count[k], k)
	}
	fmt.Fprintln(out)
	return out.Flush()
}
