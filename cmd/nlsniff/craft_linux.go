package main

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/capture/pcapng"
	"github.com/nlsniff/nlsniff/craft"
	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/encode"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/families/live"
	"github.com/nlsniff/nlsniff/replay"
)

// exitRefused is the exit code of craft if the kernel refused a request.
const exitRefused = 3

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

Exit codes: 0 the kernel did it, 3 it refused, 1 trouble.`,
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
	fl.StringVar(&f.read.color, "color", "auto", "colour: auto, always or never")
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
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, unix.SIGTERM)
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

// messages makes the requests: the messages of each datagram.
func (r *crafting) messages(c *cobra.Command, args []string) ([][]*encode.Message, error) {
	enc := encode.New(r.db)
	opt := encode.Options{Big: bigEndian, FamilyID: r.familyID, IfIndex: r.ifIndex}
	if r.flags.json == "" {
		m, n, err := craft.Find(r.db, args)
		if err != nil {
			return nil, &hintError{err: err, hint: "nlsniff families lists families, nlsniff families NAME their requests", usage: true}
		}
		v := craft.New(m, r.flags.flags)
		for _, w := range args[n:] {
			if err := craft.Assign(v, m, w); err != nil {
				return nil, hinted(err)
			}
		}
		opt.Whole = true
		msg, err := enc.Encode(v, opt)
		if err != nil {
			return nil, hinted(err)
		}
		return [][]*encode.Message{craft.Batch(msg)}, nil
	}
	in := c.InOrStdin()
	if r.flags.json != "-" {
		file, err := os.Open(r.flags.json)
		if err != nil {
			return nil, withHint(r.flags.json, err)
		}
		defer file.Close()
		in = file
	}
	list, err := encode.Parse(in)
	if err != nil {
		return nil, &hintError{err: fmt.Errorf("%s: %w", r.flags.json, err), hint: "it takes what nlsniff read -T json --full prints"}
	}
	var out [][]*encode.Message
	batch := false
	for i, v := range list {
		if d := v.Get("direction"); d != nil && d.Text == "from_kernel" || v.Get("event") != nil {
			continue
		}
		msg, err := enc.Encode(v, opt)
		if err != nil {
			return nil, fmt.Errorf("%s: object %d: %w", r.flags.json, i+1, err)
		}
		if batch && len(out) > 0 && msg.Protocol == families.ProtoNetfilter {
			out[len(out)-1] = append(out[len(out)-1], msg)
		} else {
			out = append(out, []*encode.Message{msg})
		}
		if msg.Protocol == families.ProtoNetfilter && len(msg.Data) >= 16 {
			switch binary.NativeEndian.Uint16(msg.Data[4:]) {
			case unix.NFNL_MSG_BATCH_BEGIN:
				batch = true
			case unix.NFNL_MSG_BATCH_END:
				batch = false
			}
		}
	}
	if len(out) == 0 {
		return nil, &hintError{err: fmt.Errorf("%s: no requests", r.flags.json), hint: "choose some: nlsniff read -T json --full -Y 'nlmsg.flags.request == 1' FILE"}
	}
	return out, nil
}

// hinted moves the hint within an error to its end; one without gets another.
func hinted(err error) error {
	s := err.Error()
	hint := "nlsniff fields lists names, NAME=VALUE gives one a value"
	if at := strings.Index(s, " (hint: "); at >= 0 && strings.HasSuffix(s, ")") {
		s, hint = s[:at], s[at+len(" (hint: "):len(s)-1]
	}
	return &hintError{err: errors.New(s), hint: hint, usage: true}
}

// unknownFamily stands for the id of a generic family that is not there yet: its
// module may be loaded when the request is sent.
const unknownFamily = 0xfff

func (r *crafting) familyID(name string) uint16 {
	if id := r.ids[name]; id != 0 {
		return id
	}
	return unknownFamily
}

// ifIndex knows the interfaces of the place where requests go: a fresh namespace
// has lo alone.
func (r *crafting) ifIndex(name string) uint32 {
	if name == "lo" {
		return 1
	}
	if r.flags.here {
		if i, err := net.InterfaceByName(name); err == nil {
			return uint32(i.Index)
		}
	}
	return 0
}

// plan makes the plan, with the variants if there are to be some, and says what
// is questionable. whats has a text for each request.
func (r *crafting) plan(groups [][]*encode.Message) (*replay.Plan, []string) {
	p := &replay.Plan{LoopbackUp: true}
	var whats []string
	said := map[string]bool{}
	warn := func(source string, list []string) {
		for _, s := range list {
			if line := source + s; !said[line] {
				said[line] = true
				fmt.Fprintln(r.stderr, "nlsniff: warning:", line)
			}
		}
	}
	for _, g := range groups {
		var data []byte
		for _, m := range g {
			warn("", craft.Check(r.db, m))
			warn("the kernel's policy: ", craft.CheckPolicy(r.policy(m), m))
			for len(data)%4 != 0 {
				data = append(data, 0)
			}
			data = append(data, m.Data...)
		}
		if !r.flags.fuzzing {
			r.add(p, g, data)
			whats = append(whats, name(g[len(g)/2]))
			continue
		}
		for _, m := range g { // a batch stays one around the message that varies
			for _, v := range craft.Fuzz(r.db, r.policy(m), m, r.flags.fuzz, r.flags.n) {
				var data []byte
				for _, x := range g {
					b := x.Data
					if x == m {
						b = v.Data
					}
					for len(data)%4 != 0 {
						data = append(data, 0)
					}
					data = append(data, b...)
				}
				r.add(p, g, data)
				whats = append(whats, v.What)
			}
		}
	}
	return p, whats
}

func name(m *encode.Message) string {
	if m.Desc != nil {
		return m.Desc.Name
	}
	return families.ProtocolName(m.Protocol)
}

// policy is what the running kernel says of a message's family, nil if nothing.
func (r *crafting) policy(m *encode.Message) *families.Family {
	if r.reg == nil || m.Genl == "" || r.ids[m.Genl] == 0 {
		return nil
	}
	return r.reg.Describe(m.Genl)
}

// add puts a datagram into the plan.
func (r *crafting) add(p *replay.Plan, g []*encode.Message, data []byte) {
	proto := g[0].Protocol
	s := slices.IndexFunc(p.Sockets, func(s replay.Socket) bool { return s.Proto == proto })
	if s < 0 {
		s = len(p.Sockets)
		p.Sockets = append(p.Sockets, replay.Socket{Proto: proto})
	}
	q := replay.Request{Socket: s, Data: slices.Clone(data), Options: capture.OptKnown | capture.OptExtAck, Op: name(g[len(g)/2])}
	if !r.flags.loose {
		q.Options |= capture.OptStrictChk
	}
	off := 0
	for i := range g {
		if off+16 > len(q.Data) {
			break
		}
		size := int(binary.NativeEndian.Uint32(q.Data[off:]))
		flags := binary.NativeEndian.Uint16(q.Data[off+6:])
		q.Answers = append(q.Answers, flags&(unix.NLM_F_ACK|unix.NLM_F_DUMP) != 0 || g[i].Desc != nil && g[i].Desc.Class == families.ClassGet)
		if r.flags.json == "" { // so that answers can be told apart
			binary.NativeEndian.PutUint32(q.Data[off+8:], uint32(len(p.Requests)*len(g)+i+1))
		}
		if id := g[i].Genl; id != "" && id != "nlctrl" {
			q.Rewrites = append(q.Rewrites, replay.Rewrite{Kind: replay.RewriteFamily, Off: off + 4, Size: 2, Big: bigEndian, Value: uint64(r.familyID(id)), Name: id, Field: "nlmsg_type"})
		}
		off += (max(size, 16) + 3) &^ 3
	}
	p.Requests = append(p.Requests, q)
}

// allowed asks before something is changed outside of a namespace of our own.
func (r *crafting) allowed(c *cobra.Command, p *replay.Plan) error {
	if !r.flags.here || r.flags.yes {
		return nil
	}
	if !isTerminal(c.InOrStdin()) || r.flags.json == "-" {
		return &hintError{err: errors.New("--here sends to this machine's own network, and there is nobody to ask"), hint: "--yes says that you mean it", usage: true}
	}
	fmt.Fprintf(r.stderr, "Send %d requests (%s) to this machine's own network? [y/N] ", len(p.Requests), p.Requests[0].Op)
	line, _ := bufio.NewReader(c.InOrStdin()).ReadString('\n')
	if s := strings.ToLower(strings.TrimSpace(line)); s != "y" && s != "yes" {
		return errors.New("not sent")
	}
	return nil
}

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
		return exitCode(exitRefused)
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
	fmt.Fprintf(out, "%d variants:", len(res.Sent))
	for i, k := range keys {
		if i > 0 {
			fmt.Fprint(out, ",")
		}
		fmt.Fprintf(out, " %d %s", count[k], k)
	}
	fmt.Fprintln(out)
	return out.Flush()
}
