package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/nlsniff/nlsniff/bpf/capfilter"
	"github.com/nlsniff/nlsniff/internal/extcap"
	"github.com/nlsniff/nlsniff/internal/rotate"
)

// netnsFolder is where ip netns keeps its names.
const netnsFolder = "/run/netns"

// extcapCall is how Wireshark calls nlsniff.
type extcapCall struct {
	interfaces, linkTypes, config, capture bool

	iface, fifo, filter, reload    string
	netns, source, ring, log       string
	redact                         bool
	version, controlIn, controlOut string
}

// newWireshark is the command that Wireshark calls, instead of all others.
func newWireshark() *cobra.Command {
	var f extcapCall
	c := &cobra.Command{
		Use: "nlsniff", SilenceErrors: true, SilenceUsage: true,
		FParseErrWhitelist: cobra.FParseErrWhitelist{UnknownFlags: true}, // of other versions
		RunE:               func(c *cobra.Command, _ []string) error { return f.answer(c) },
	}
	fl := c.Flags()
	fl.BoolVar(&f.interfaces, "extcap-interfaces", false, "")
	fl.BoolVar(&f.linkTypes, "extcap-dlts", false, "")
	fl.BoolVar(&f.config, "extcap-config", false, "")
	fl.BoolVar(&f.capture, "capture", false, "")
	fl.StringVar(&f.iface, "extcap-interface", "", "")
	fl.StringVar(&f.fifo, "fifo", "", "")
	fl.StringVar(&f.filter, "extcap-capture-filter", "", "")
	fl.StringVar(&f.reload, "extcap-reload-option", "", "")
	fl.StringVar(&f.version, "extcap-version", "", "")
	fl.StringVar(&f.controlIn, "extcap-control-in", "", "")
	fl.StringVar(&f.controlOut, "extcap-control-out", "", "")
	fl.StringVar(&f.netns, extcap.OptNetns, "", "")
	fl.StringVar(&f.source, extcap.OptSource, sourceNlmon, "")
	fl.StringVar(&f.ring, extcap.OptRing, "", "")
	fl.BoolVar(&f.redact, extcap.OptRedact, false, "")
	fl.StringVar(&f.log, extcap.OptLog, "", "")
	return c
}

// answer does what Wireshark wants.
func (f *extcapCall) answer(c *cobra.Command) error {
	out := c.OutOrStdout()
	if f.interfaces {
		version := "0"
		if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
			version = info.Main.Version
		}
		// A kernel without its types has no eBPF for us; more is not looked at.
		_, err := os.Stat("/sys/kernel/btf/vmlinux")
		return extcap.Interfaces(out, version, err == nil)
	}
	if !extcap.Known(f.iface) {
		return usagef("--extcap-interfaces lists them", "no interface called %q", f.iface)
	}
	switch {
	case f.linkTypes:
		return extcap.LinkTypes(out)
	case f.config && f.reload != "":
		return f.values(out)
	case f.config:
		return extcap.Config(out, f.iface)
	case f.capture:
		return f.run(c)
	case c.Flags().Changed("extcap-capture-filter"):
		return f.check(out)
	}
	return usagef("Wireshark does: nlsniff extcap install", "nothing is asked of the interface %s", f.iface)
}

// values lists what an option can be now.
func (f *extcapCall) values(out io.Writer) error {
	if f.reload != extcap.OptNetns {
		return usagef("only "+extcap.OptNetns+" is reloaded", "--extcap-reload-option %s", f.reload)
	}
	return extcap.Namespaces(out, namespaceNames())
}

// namespaceNames are those of ip netns.
func namespaceNames() (names []string) {
	list, _ := os.ReadDir(netnsFolder)
	for _, e := range list {
		names = append(names, e.Name())
	}
	return names
}

// check says on standard output what is wrong with a capture filter; nothing is
// right.
func (f *extcapCall) check(out io.Writer) error {
	db, err := loadFamilies(nil, func(string) {})
	if err == nil && f.filter != "" {
		_, err = capfilter.Parse(f.filter, filterNames{db})
	}
	if err != nil {
		line, _ := report(filterError(err))
		_, err = fmt.Fprintln(out, line)
	}
	return err
}

// run captures into the pipe that Wireshark reads, until either ends. A capture is
// that of the command, and says what it says into the log.
func (f *extcapCall) run(c *cobra.Command) error {
	if f.fifo == "" {
		return usagef("Wireshark gives one", "--capture needs --fifo")
	}
	pipe, err := os.OpenFile(f.fifo, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer pipe.Close()
	var log io.Writer = io.Discard
	if f.log != "" {
		file, err := os.OpenFile(f.log, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
		if err != nil {
			return &hintError{err: err, hint: "another --log-file, or none"}
		}
		defer file.Close()
		log = file
	}
	capturing := newCapture()
	capturing.SilenceErrors, capturing.SilenceUsage = true, true
	capturing.SetArgs(f.arguments())
	capturing.SetOut(pipe)
	capturing.SetErr(log)
	err = capturing.Execute()
	if err != nil && f.log != "" {
		line, _ := report(err)
		fmt.Fprintln(log, line)
	}
	return err
}

// pipeMax is the longest frame that is written to Wireshark: it ends a capture at a block
// of more than 256 KiB, which has the frame's options, too.
const pipeMax = rotate.WiresharkMax - 4<<10

// arguments are those of nlsniff capture.
func (f *extcapCall) arguments() []string {
	args := []string{"--write", "-", "--snapshot-length", strconv.Itoa(pipeMax)}
	source := f.source
	switch f.iface {
	case extcap.EBPF:
		source = sourceEBPF
	case extcap.All:
		source = sourceNlmon
		args = append(args, "--netns", "/proc/self/ns/net")
		for _, name := range namespaceNames() {
			args = append(args, "--netns", name)
		}
	}
	args = append(args, "--source", source)
	if f.netns != "" && f.iface != extcap.All {
		args = append(args, "--netns", f.netns)
	}
	if f.ring != "" {
		args = append(args, "--buffer-size", f.ring)
	}
	if f.filter != "" {
		args = append(args, "--filter", f.filter)
	}
	if f.redact {
		args = append(args, "--redact")
	}
	return args
}

// newExtcap is what a user calls.
func newExtcap() *cobra.Command {
	c := &cobra.Command{
		Use:   "extcap",
		Short: "Capture netlink from within Wireshark",
		Long: `Wireshark and tshark capture netlink with nlsniff once it is in their extcap
folder: they then list its interfaces among their own.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return usagef("nlsniff extcap install", "extcap needs to know what to do")
		},
	}
	var folder string
	install := &cobra.Command{
		Use:   "install",
		Short: "Link nlsniff into your Wireshark's extcap folder",
		Example: `  nlsniff extcap install
  tshark -D | grep nlsniff
  tshark -i nlsniff -o extcap.nlsniff.netns:blue -c 5`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return installExtcap(c.OutOrStdout(), folder) },
	}
	install.Flags().StringVar(&folder, "folder", "", "link it into this `folder` instead")
	c.AddCommand(install)
	return c
}

// installExtcap links this program to where Wireshark looks for it.
func installExtcap(out io.Writer, folder string) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	folders := []string{folder}
	if folder == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			return &hintError{err: err, hint: "--folder names one"}
		}
		text, _ := exec.Command("tshark", "--version").Output() // without it, for all versions
		folders = extcap.Folders(home, extcap.VersionOf(string(text)))
	}
	for _, dir := range folders {
		name, err := extcap.Install(dir, self)
		if err != nil {
			return &hintError{err: err, hint: "--folder names another; tshark -G folders lists where Wireshark looks"}
		}
		fmt.Fprintln(out, oneLine(name), "→", oneLine(self))
	}
	if strings.HasPrefix(self, filepath.Clean(os.TempDir())+"/") {
		fmt.Fprintln(out, "this program is in a temporary folder: build it somewhere else, and once more")
	}
	return nil
}
