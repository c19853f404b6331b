package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"text/tabwriter"
	"time"

	"github.com/charmbracelet/colorprofile"
	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/features"
	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"
	"golang.org/x/term"

	"github.com/nlsniff/nlsniff/capture"
	ebpfcapture "github.com/nlsniff/nlsniff/capture/ebpf"
	"github.com/nlsniff/nlsniff/capture/nlmon"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/families/live"
	"github.com/nlsniff/nlsniff/internal/caps"
	"github.com/nlsniff/nlsniff/internal/doctor"
	"github.com/nlsniff/nlsniff/render"
)

func newDoctor() *cobra.Command {
	var format string
	c := &cobra.Command{
		Use:   "doctor",
		Short: "Say what this machine can do, and how to get what is missing",
		Long: `Looks at what nlsniff can use on this machine: the kernel and its nlmon module,
BTF and eBPF, ptrace, capabilities, namespaces and the terminal. Each line says
whether it is there (✓), missing (✗) or cannot be told (?), and how to get it.

It tries what it claims: it captures for a moment, and waits for a message of its
own to come by. An nlmon interface that it makes for that is gone again.`,
		Args: words(0),
		RunE: func(c *cobra.Command, _ []string) error {
			if format != "text" && format != "json" {
				return usagef("text or json", "-T %s", format)
			}
			checks := machine(c.OutOrStdout()).Run()
			if format == "json" {
				e := json.NewEncoder(c.OutOrStdout())
				e.SetIndent("", " ")
				return e.Encode(checks)
			}
			return printChecks(c.OutOrStdout(), checks)
		},
	}
	c.Flags().StringVarP(&format, "format", "T", "text", "output `format`: text or json")
	return c
}

// machine is the one that this runs on.
func machine(out io.Writer) *doctor.System {
	db := families.Embedded()
	s := &doctor.System{
		Root: os.DirFS("/"), UID: os.Getuid(), ModuleHint: moduleCommand(osIDs()), Programs: probePrograms, Families: askFamilies,
		Described:    func(name string) bool { return db.Genl(name) != nil },
		PacketSocket: probePacket, Capture: probeCapture, EBPF: probeEBPF, Terminal: terminal(out),
	}
	s.Binary, _ = os.Executable()
	var u unix.Utsname
	if unix.Uname(&u) == nil {
		s.Sysname, s.Release, s.Machine = unix.ByteSliceToString(u.Sysname[:]), unix.ByteSliceToString(u.Release[:]), unix.ByteSliceToString(u.Machine[:])
	}
	if set, err := caps.Effective(); err == nil {
		s.Capabilities, s.HasCapabilities = uint64(set), true
	}
	return s
}

// probePrograms has the kernel check programs of two instructions.
func probePrograms() []doctor.Program {
	return []doctor.Program{
		{Name: "fentry", Err: features.HaveProgramType(ebpf.Tracing)},
		{Name: "kprobe", Err: features.HaveProgramType(ebpf.Kprobe)},
		{Name: "tracepoint", Err: features.HaveProgramType(ebpf.TracePoint)},
	}
}

func askFamilies() ([]string, error) {
	r, err := live.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return r.Names(), nil
}

// probeTime is how long a message of ours may take to come by. It takes 30 ms.
const probeTime = 3 * time.Second

// probeCapture captures until it sees a message that it sent itself. An interface
// that it has to make is gone again when it returns.
func probeCapture() (string, error) {
	src, err := nlmon.Open(nlmon.Options{RingSize: nlmon.MinRing, Watched: true})
	if err != nil {
		return "", err
	}
	defer src.Close()
	// It ends by itself where nothing comes by.
	defer time.AfterFunc(probeTime, src.Stop).Stop()
	var sent sync.WaitGroup
	defer sent.Wait()
	var id atomic.Uint32
	sent.Go(func() {
		if r, err := live.Open(); err == nil { // it asks for the families
			id.Store(r.PortID())
			r.Close()
		}
	})
	var f capture.Frame
	for {
		if err := src.Next(&f); errors.Is(err, io.EOF) {
			return "", fmt.Errorf("nothing came by on %s in %v", src.Interfaces()[0].Name, probeTime)
		} else if err != nil {
			return "", err
		}
		if f.Data[capture.CookedLen-1] == families.ProtoGeneric {
			sent.Wait()
			if portid(f.Data[capture.CookedLen:]) == id.Load() {
				return src.Interfaces()[0].Name, nil
			}
		}
	}
}

// probeEBPF captures with eBPF, which tries itself when it begins.
func probeEBPF() (facts []doctor.Fact, hint string, err error) {
	src, err := ebpfcapture.Open(ebpfcapture.Options{RingSize: 1 << 20})
	if err != nil {
		hint, _ = ebpfHint(err)
		return nil, hint, err
	}
	defer src.Close()
	for _, f := range src.Facts() {
		facts = append(facts, doctor.Fact(f))
	}
	return facts, "", nil
}

func probePacket() error {
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err == nil {
		unix.Close(fd)
	}
	return err
}

func terminal(out io.Writer) doctor.Terminal {
	t := doctor.Terminal{Is: isTerminal(out), Env: os.Getenv}
	if f, ok := out.(*os.File); ok && t.Is {
		t.Cols, t.Rows, _ = term.GetSize(int(f.Fd()))
	}
	switch colorprofile.Env(withoutNoColor(os.Environ())) {
	case colorprofile.TrueColor:
		t.Colors = 1 << 24
	case colorprofile.ANSI256:
		t.Colors = 256
	case colorprofile.ANSI:
		t.Colors = 16
	}
	return t
}

// withoutNoColor leaves out what switches colour off: the doctor tells that
// apart from what the terminal can do.
func withoutNoColor(env []string) []string {
	var out []string
	for _, e := range env {
		if !strings.HasPrefix(e, "NO_COLOR=") {
			out = append(out, e)
		}
	}
	return out
}

// printChecks writes a line a check, and below it how to get what is missing, and
// what is told by which functions of the kernel.
func printChecks(out io.Writer, checks []doctor.Check) error {
	marks := map[doctor.State]string{doctor.Yes: "✓", doctor.No: "✗", doctor.Unknown: "?"}
	w := tabwriter.NewWriter(out, 0, 8, 2, ' ', 0)
	for _, c := range checks {
		fmt.Fprintf(w, "%s %s\t%s\n", marks[c.State], c.Name, render.Escape(c.Text))
		if c.Hint != "" {
			fmt.Fprintf(w, "\thint: %s\n", render.Escape(c.Hint))
		}
		for _, f := range c.Facts {
			fmt.Fprintf(w, "\t%s %s: %s\n", marks[known(f)], f.Name, strings.Join(f.Functions, ", "))
		}
	}
	return w.Flush()
}

func known(f doctor.Fact) doctor.State {
	if f.Known {
		return doctor.Yes
	}
	return doctor.No
}
