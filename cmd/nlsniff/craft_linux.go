package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/nlsniff/nlsniff/craft"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/families/live"
	"github.com/nlsniff/nlsniff/internal/phrase"
	"github.com/nlsniff/nlsniff/replay"
)

// craftFlags are the flags of craft.
type craftFlags struct {
	read    readFlags
	flags   []string
	json    string
	dry     bool
	here    bool
	yes     bool
	netns   string
	fuzz    uint64
	fuzzing bool
	n       int
	loose   bool
}

func newCraft() *cobra.Command {
	var f craftFlags
	c := &cobra.Command{
		Use:   "craft [FAMILY] REQUEST [NAME=VALUE]...",
		Short: "Send a request made of names and values, or of JSON",
		Long: `Make a netlink request, send it, and print what the kernel answers and why
(docs/craft.md). REQUEST is a message type or a generic command. NAME is a member
of its header or an attribute, OUTER/INNER what is in one, NAME[1] the second of
several; NAME:=JSON takes a value as read -T json prints it. With --json requests
come from what read -T json --full printed, changed or not.

What the descriptions, or the running kernel's own policy, do not allow is said
and sent nevertheless. It happens in a fresh user and network namespace, which has
nothing but lo, so it takes no privileges and changes nothing outside.

Exit codes: 0 the kernel did it, 1 it refused, 2 trouble.`,
		Example: `  nlsniff craft RTM_NEWLINK --flags CREATE,EXCL IFLA_IFNAME=d0 IFLA_LINKINFO/IFLA_INFO_KIND=dummy
  nlsniff craft ethtool ETHTOOL_MSG_STRSET_GET ETHTOOL_A_STRSET_HEADER/ETHTOOL_A_HEADER_DEV_NAME=lo
  nlsniff craft RTM_GETLINK ifi_index=1 -V
  nlsniff read -T json --full -Y 'exchange == 12' a.pcapng | nlsniff craft --json -
  nlsniff craft RTM_SETLINK ifi_index=1 IFLA_MTU=1500 --fuzz 1 -n 20`,
		RunE: func(c *cobra.Command, args []string) error {
			f.fuzzing = c.Flags().Changed("fuzz")
			return runCraft(c, &f, args)
		},
		ValidArgsFunction: completeCraft,
	}
	fl := c.Flags()
	fl.SortFlags = false
	fl.StringSliceVar(&f.flags, "flags", nil, "`flags` beside REQUEST and ACK: CREATE, EXCL, REPLACE, APPEND, DUMP, ECHO")
	fl.StringVar(&f.json, "json", "", "take the requests from this `file` of JSON; - is standard input")
	fl.BoolVar(&f.dry, "dry-run", false, "print the request, and send nothing")
	fl.Uint64Var(&f.fuzz, "fuzz", 0, "send variants of the request at the edges of what is allowed; the same `seed`, the same variants")
	fl.IntVarP(&f.n, "number", "n", 100, "how `many` variants")
	fl.BoolVar(&f.loose, "no-strict", false, "without NETLINK_GET_STRICT_CHK")
	fl.StringVar(&f.netns, "netns", "", "in the network namespace of this `name` or path")
	fl.BoolVar(&f.here, "here", false, "in the present network namespace; asks first")
	fl.BoolVar(&f.yes, "yes", false, "do not ask")
	f.read.format, f.read.order, f.read.time, f.read.color = "text", "auto", "a", "auto"
	fl.BoolVarP(&f.read.verbose, "verbose", "V", false, "show every attribute of each message")
	fl.BoolVarP(&f.read.hex, "hex", "x", false, "show the bytes too")
	fl.StringVarP(&f.read.format, "format", "T", "text", "output `format`: text, json or jsonl")
	fl.BoolVar(&f.read.full, "full", false, "with -T json or jsonl, add every node of the tree with its bytes")
	fl.StringVar(&f.read.color, "color", "auto", "`when` to colour: auto, always or never")
	fl.BoolVar(&f.read.secrets, "show-secrets", false, "show key material")
	fl.StringArrayVar(&f.read.specs, "spec", nil, "read descriptions (YNL .yaml, or .spec) from this `file` or folder")
	_ = c.RegisterFlagCompletionFunc("flags", cobra.FixedCompletions([]string{"CREATE", "EXCL", "REPLACE", "APPEND", "DUMP", "ECHO", "NONREC", "BULK"}, cobra.ShellCompDirectiveNoFileComp))
	return c
}

// completeCraft goes on with families, requests, names and values.
func completeCraft(_ *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
	db := families.Embedded()
	const here = cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace | cobra.ShellCompDirectiveKeepOrder
	if len(args) == 0 {
		return craft.Names(db, word), cobra.ShellCompDirectiveNoFileComp
	}
	m, _, err := craft.Find(db, args)
	if err == nil {
		return craft.Complete(m, word), here
	}
	var out []string
	if f := craft.Family(db, args[0]); f != nil && len(args) == 1 {
		for _, n := range craft.Commands(f) {
			if strings.HasPrefix(n, word) {
				out = append(out, n)
			}
		}
	}
	return out, cobra.ShellCompDirectiveNoFileComp
}

// crafting is one run of craft.
type crafting struct {
	flags  *craftFlags
	db     *families.DB
	reg    *live.Registry // nil if the kernel does not tell
	ids    map[string]uint16
	links  map[string]uint32 // of the namespace of --netns, indexes by name
	stderr io.Writer
}

func runCraft(c *cobra.Command, f *craftFlags, args []string) error {
	switch {
	case f.json == "" && len(args) == 0:
		return usagef("nlsniff craft RTM_GETLINK ifi_index=1, or --json FILE", "no request")
	case f.json != "" && len(args) > 0:
		return usagef("one of them", "--json and a request on the command line")
	case f.here && f.netns != "":
		return usagef("one of them", "--here and --netns are different places")
	case f.yes && !f.here:
		return usagef("--here is what asks", "--yes without --here")
	case f.n < 1 || f.n > 100_000:
		return usagef("1 to 100000", "-n %d", f.n)
	case f.read.format != "text" && f.read.format != "json" && f.read.format != "jsonl":
		return usagef("text, json or jsonl", "-T %s", f.read.format)
	}
	r := &crafting{flags: f, stderr: c.ErrOrStderr(), ids: map[string]uint16{}}
	var err error
	if r.db, err = loadFamilies(f.read.specs, func(s string) { fmt.Fprintln(r.stderr, "nlsniff: warning:", s) }); err != nil {
		return err
	}
	if r.reg, err = live.Open(); err == nil {
		defer r.reg.Close()
		for id, name := range r.reg.IDs() {
			r.ids[name] = id
		}
		r.db.OnMissing(r.reg.Describe)
	}
	if f.netns != "" {
		if r.links, err = (replay.Netns{Name: f.netns}).Interfaces(); err != nil {
			return replayError(err)
		}
	}
	groups, err := r.messages(c, args)
	if err != nil {
		return err
	}
	plan, whats := r.plan(groups)
	if f.dry {
		return r.show(c, plan, nil, whats)
	}
	if err := r.allowed(c, plan); err != nil {
		return err
	}
	ctx, stop := untilInterrupted()
	defer stop()
	var place replay.Place = replay.Namespace{}
	switch {
	case f.here:
		place = replay.Here{}
	case f.netns != "":
		place = replay.Netns{Name: f.netns}
	}
	res, err := place.Run(ctx, plan)
	if errors.Is(err, replay.ErrNoNamespace) {
		return &hintError{err: err, hint: "as root, --netns NAME or --here does without"}
	}
	if err != nil {
		return err
	}
	return r.show(c, plan, res, whats)
}

// allowed asks before something is changed outside of a namespace of our own.
func (r *crafting) allowed(c *cobra.Command, p *replay.Plan) error {
	if !r.flags.here || r.flags.yes {
		return nil
	}
	if !isTerminal(c.InOrStdin()) || r.flags.json == "-" {
		return &hintError{err: errors.New("--here sends to this machine's own network, and there is nobody to ask"), hint: "--yes says that you mean it"}
	}
	fmt.Fprintf(r.stderr, "Send %s (%s) to this machine's own network? [y/N] ", phrase.Count(len(p.Requests), "request"), p.Requests[0].Op)
	line, _ := bufio.NewReader(c.InOrStdin()).ReadString('\n')
	if s := strings.ToLower(strings.TrimSpace(line)); s != "y" && s != "yes" {
		return errors.New("not sent")
	}
	return nil
}
