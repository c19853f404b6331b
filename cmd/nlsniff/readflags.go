package main

import "github.com/spf13/cobra"

// readFlags are the flags of read.
type readFlags struct {
	file                string
	given               string // what file was, if it is another since
	verbose, hex, full  bool
	only                []string
	format              string
	time                string
	count               int
	color, colorRules   string
	order               string
	filter              string
	quiet               bool
	secrets, twoPass    bool
	tail                bool
	stats               string
	exchanges           bool
	follow              uint64
	fields, fieldOption []string
	specs               []string
	write               writeFlags
	protocol            protocolFlag
	otlp                otlpFlags
}

// plain adds the flags that mean the same without a subcommand.
func (f *readFlags) plain(c *cobra.Command) {
	fl := c.Flags()
	fl.SortFlags = false
	fl.StringVarP(&f.file, "read-file", "r", "", "the capture `file`, as an option")
	fl.BoolVarP(&f.quiet, "quiet", "q", false, "no messages, only how many there are")
	f.common(c)
}

// common adds the flags that every command has that prints messages.
func (f *readFlags) common(c *cobra.Command) {
	f.format, f.order = "text", "auto"
	fl := c.Flags()
	fl.SortFlags = false
	fl.StringVarP(&f.filter, "display-filter", "Y", "", "only messages that match this `filter` (docs/filter.md)")
	fl.StringVarP(&f.time, "time", "t", "a", "`time` as a (of day), ad (with the date), r (relative), d (delta), e (epoch), u (UTC), and adoy, dd, ud, udoy")
	fl.IntVarP(&f.count, "count", "c", 0, "stop after `n` frames")
	f.addProtocol(fl)
	fl.StringVar(&f.color, "color", "auto", "`when` to colour: auto, always or never")
	fl.StringVar(&f.colorRules, "color-rules", "", "colour lines by the rules in this `file`; default or none")
	fl.BoolVar(&f.secrets, "show-secrets", false, "show key material")
}

// asTshark adds flags of tshark that change nothing here.
func (f *readFlags) asTshark(c *cobra.Command) {
	var ignored bool
	for name, what := range map[string][2]string{
		"line-buffered": {"l", "nothing: each line is written at once anyway"},
		"no-resolve":    {"n", "nothing: addresses are never resolved"},
	} {
		c.Flags().BoolVarP(&ignored, name, what[0], false, what[1])
		_ = c.Flags().MarkHidden(name)
	}
}

// shown adds the flags that say how messages are printed.
func (f *readFlags) shown(c *cobra.Command) {
	fl := c.Flags()
	fl.BoolVarP(&f.verbose, "verbose", "V", false, "show every attribute of each message")
	fl.BoolVar(&f.exchanges, "exchanges", false, "a line for each request with what came of it")
	fl.Uint64Var(&f.follow, "follow", 0, "only the messages of exchange `n`, then its line")
	fl.BoolVarP(&f.hex, "hex", "x", false, "show the bytes too")
	fl.StringSliceVarP(&f.only, "only", "O", nil, "every attribute of these `families`, of others a line")
	fl.StringVarP(&f.format, "format", "T", "text", "output `format`: text, json, jsonl, fields or ek")
	fl.StringArrayVarP(&f.fields, "field", "e", nil, "with -T fields, print this `field` (nlsniff fields lists them)")
	fl.StringArrayVarP(&f.fieldOption, "field-option", "E", nil, "with -T fields, `option` header=y, separator=/t, occurrence=f, aggregator=, or quote=d")
	fl.StringVarP(&f.stats, "statistics", "z", "", "print `statistics` at the end instead: "+statistics)
	fl.BoolVar(&f.full, "full", false, "with -T json or jsonl, add every node of the tree with its bytes")
	fl.StringArrayVar(&f.specs, "spec", nil, "read descriptions (YNL .yaml, or .spec) from this `file` or folder")
}

// checkCount refuses numbers of frames below 0.
func (f *readFlags) checkCount() error {
	if f.count < 0 {
		return usagef("the number of frames to stop after; without -c all are read", "-c %d", f.count)
	}
	return nil
}
