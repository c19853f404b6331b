package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/nlsniff/nlsniff/capture/pcapng"
	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/export"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/filter"
	"github.com/nlsniff/nlsniff/flow"
	"github.com/nlsniff/nlsniff/render"
	"github.com/nlsniff/nlsniff/replay"
)

// exportFlags are the flags of export.
type exportFlags struct {
	file      string
	as        string
	exchanges []uint
	filter    string
	prepare   bool
	write     string
	order     string
	specs     []string
	secrets   bool
}

func newExport() *cobra.Command {
	var f exportFlags
	kinds := append(slices.Clone(export.Kinds), "pcapng")
	c := &cobra.Command{
		Use:   "export --as KIND FILE",
		Short: "Write a capture's requests as a program, or as the smallest capture",
		Long: `Write the requests of a capture as something that runs without nlsniff and does
what nlsniff replay does: sends them, and says whether the kernel answers as it
did in the capture. The bytes are commented with what they mean (docs/export.md).

  c        a program that needs libc and the kernel's headers
  go       a program that needs github.com/mdlayher/netlink
  python   a program that needs Python 3
  ynl      command lines of the kernel's tools/net/ynl
  syz      a program for syzkaller
  strace   system calls as strace -xx prints them
  hex      annotated bytes
  pcapng   the chosen exchanges, and what names their families and interfaces

The programs run in a user and network namespace of their own. Key material is
replaced unless --show-secrets is given; pcapng copies frames as they are.`,
		Example: `  nlsniff export --as c --exchange 12 failing.pcapng > repro.c
  cc -o repro repro.c && ./repro
  nlsniff export --as python -Y 'error == EINVAL' failing.pcapng | python3 -
  nlsniff export --as pcapng --exchange 12 -w small.pcapng failing.pcapng`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usagef("nlsniff export --as c FILE", "export takes one capture")
			}
			f.file = args[0]
			return nil
		},
		RunE: func(c *cobra.Command, _ []string) error {
			if f.as == "" {
				return usagef("--as with one of "+strings.Join(kinds, ", "), "export needs a kind")
			}
			if !slices.Contains(kinds, f.as) {
				return usagef(strings.Join(kinds, ", "), "--as %s", f.as)
			}
			return runExport(c, &f)
		},
	}
	fl := c.Flags()
	fl.SortFlags = false
	fl.StringVar(&f.as, "as", "", "`kind`: "+strings.Join(kinds, ", "))
	fl.UintSliceVar(&f.exchanges, "exchange", nil, "only these exchanges, by the `numbers` that read --exchanges shows")
	fl.StringVarP(&f.filter, "display-filter", "Y", "", "only exchanges of which a message matches this `filter` (docs/filter.md)")
	fl.BoolVar(&f.prepare, "prepare", false, "first the earlier requests that made what the chosen ones name")
	fl.StringVarP(&f.write, "write", "w", "-", "write to this `file`; - is standard output")
	fl.StringVar(&f.order, "byte-order", "auto", "byte `order` of the capturing host: auto, little or big")
	fl.StringArrayVar(&f.specs, "spec", nil, "read descriptions (YNL .yaml, or .spec) from this `file` or folder")
	fl.BoolVar(&f.secrets, "show-secrets", false, "keep key material")
	return c
}

func runExport(c *cobra.Command, f *exportFlags) error {
	boundMemory()
	db, err := loadFamilies(f.specs, func(s string) { fmt.Fprintln(c.ErrOrStderr(), "nlsniff: warning:", s) })
	if err != nil {
		return err
	}
	order, err := byteOrder(f.order)
	if err != nil {
		return err
	}
	src, err := open(f.file, c.InOrStdin(), pcapng.Options{Events: true})
	if err != nil {
		return withHint(f.file, err)
	}
	defer src.Close()
	held, err := replay.Load(src, db, order)
	if err != nil {
		return loadError(f.file, err)
	}
	pick, err := pickRequests(held, db, f.exchanges, f.filter, f.secrets)
	if err != nil {
		return err
	}
	plan, err := held.Plan(pick)
	if err == nil && f.prepare {
		err = held.Prepare(plan)
	}
	if err != nil {
		hint := "nlsniff read --exchanges shows what there is to choose"
		if errors.Is(err, replay.ErrTruncated) {
			hint = "capture whole messages (no -s), or choose others with --exchange"
		}
		return &hintError{err: fmt.Errorf("%s: %w", f.file, err), hint: hint}
	}
	if slices.Contains(export.Programs, f.as) {
		held.Before(plan) // they make what was there before
	} else if len(plan.Links) > 0 {
		var names []string
		for _, l := range plan.Links {
			names = append(names, render.Escape(l.Name))
		}
		fmt.Fprintf(c.ErrOrStderr(), "nlsniff: nothing in the capture makes %s (hint: make them first; --as c, go or python does)\n", strings.Join(names, ", "))
	}
	var out bytes.Buffer
	name := f.file
	if name == "-" {
		name = "standard input"
	}
	if f.as == "pcapng" {
		err = export.Slice(&out, held, plan)
	} else {
		var p *export.Program
		p, err = export.New(name, held, plan, f.secrets)
		switch {
		case errors.Is(err, export.ErrTooLarge):
			return &hintError{err: fmt.Errorf("%s: %w", name, err), hint: "choose some with --exchange or -Y; --as pcapng and nlsniff replay take all"}
		case err != nil:
			return err
		}
		if err = p.Write(&out, f.as); errors.Is(err, export.ErrNoSpec) {
			return &hintError{err: err, hint: "--as python does the same"}
		}
		if p.Hidden {
			fmt.Fprintln(c.ErrOrStderr(), "nlsniff: key material was replaced (hint: --show-secrets keeps it)")
		}
	}
	if err != nil {
		return err
	}
	return writeWhole(c.OutOrStdout(), f.write, out.Bytes())
}

// loadError says what to do about a capture that cannot be held in memory.
func loadError(file string, err error) error {
	if errors.Is(err, replay.ErrTooLarge) {
		return &hintError{err: fmt.Errorf("%s: %w", file, err), hint: "cut it: nlsniff read -Y FILTER -w SMALLER"}
	}
	return withHint(file, err)
}

// writeWhole writes a file, or standard output for "-".
func writeWhole(stdout io.Writer, name string, b []byte) error {
	if name != "-" {
		return os.WriteFile(name, b, 0o600)
	}
	_, err := stdout.Write(b)
	if isBrokenPipe(err) {
		return nil
	}
	return err
}

// pickRequests chooses requests by the numbers of their exchanges, or by a
// filter; nil chooses all.
func pickRequests(c *replay.Capture, db *families.DB, numbers []uint, expr string, secrets bool) (replay.Pick, error) {
	if len(numbers) == 0 && expr == "" {
		return nil, nil
	}
	var m *filter.Matcher
	if expr != "" {
		f, err := compileFilter("-Y", expr, filterEnv(db, secrets))
		if err != nil {
			return nil, err
		}
		m = f.Matcher()
	}
	for _, n := range numbers {
		if c.Exchange(uint64(n)) == nil {
			return nil, &hintError{err: fmt.Errorf("there is no exchange %d", n), hint: fmt.Sprintf("the capture has 1 to %d", len(c.Exchanges))}
		}
	}
	var match map[uint64]bool
	if m != nil {
		match = matchingExchanges(c, m)
	}
	return func(_ *replay.Loaded, _ *dissect.Tree, _ *dissect.Msg, ref flow.Ref) bool {
		if len(numbers) > 0 && !slices.Contains(numbers, uint(ref.Exchange)) {
			return false
		}
		return m == nil || match[ref.Exchange]
	}, nil
}

// matchingExchanges are the exchanges of which a message matches: the request, or what
// came of it.
func matchingExchanges(c *replay.Capture, m *filter.Matcher) map[uint64]bool {
	out := map[uint64]bool{}
	for i := range c.Frames {
		f := &c.Frames[i]
		if f.Event != nil {
			continue
		}
		t := c.Tree(i)
		ev := render.Event{Number: f.Number, Time: f.Time, OrigLen: f.OrigLen, Process: f.Process,
			Links: f.Input.Links, Tree: t, Refs: f.Refs, Exchange: c.Exchange}
		if n, shown := m.Frame(&ev); n > 0 {
			no := 0
			for k := range t.Msgs {
				if t.Msgs[k].EchoOf >= 0 {
					continue
				}
				if no < len(f.Refs) && (shown == nil || shown[k]) {
					out[f.Refs[no].Exchange] = true
				}
				no++
			}
		}
	}
	delete(out, 0)
	return out
}
