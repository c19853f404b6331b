// Package doctor says what a machine can do for nlsniff, and how to get what
// is missing. It looks at files and asks through functions that are handed to
// it, so that any machine can be made up in a test.
package doctor

import (
	"fmt"
	"io/fs"
	"strings"
)

// State is what came of a check.
type State uint8

// The states.
const (
	Unknown State = iota // it cannot be told from here
	Yes
	No
)

func (s State) String() string { return [...]string{"unknown", "yes", "no"}[s] }

// MarshalText gives JSON the state's word.
func (s State) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Check is a line of the answer.
type Check struct {
	Name  string `json:"name"`
	State State  `json:"state"`
	Text  string `json:"text"`
	Hint  string `json:"hint,omitempty"` // how to get it
	Facts []Fact `json:"facts,omitempty"`
}

// Fact is something that a capture tells, or cannot tell on this kernel.
type Fact struct {
	Name string `json:"name"`
	// Functions of the kernel that tell it; of one that is not known, those that
	// the kernel lacks or does not call.
	Functions []string `json:"functions"`
	Known     bool     `json:"known"`
}

// System is the machine. Members that are nil or zero are not known.
type System struct {
	Root fs.FS // the root folder

	Sysname, Release, Machine string // of uname(2)
	UID                       int
	Binary                    string // path of this program, for setcap
	Capabilities              uint64 // effective, a bit for each number
	HasCapabilities           bool   // they could be read
	ModuleHint                string // how this distribution gets nlmon

	// Programs loads eBPF programs for tracing and forgets them again.
	Programs func() []Program
	// Families asks the generic netlink controller.
	Families func() (names []string, err error)
	// Described says whether a generic family has a description.
	Described func(name string) bool
	// PacketSocket opens a packet socket and closes it again.
	PacketSocket func() error
	// Capture captures for a moment, sends a message, and waits for it to come
	// by. It returns the interface that it came from.
	Capture func() (name string, err error)
	// EBPF captures with eBPF for a moment, sends messages, and waits for them to
	// come by. It returns what such a capture tells, and what to do about an error.
	EBPF func() (facts []Fact, hint string, err error)

	Terminal Terminal
}

// Run makes all checks: first what nlsniff can do here, then why.
func (s *System) Run() []Check {
	var causes []Check
	for _, check := range []func() Check{
		s.kernel, s.nlmon, s.packet, s.families, s.btf, s.ebpf, s.ptrace,
	} {
		causes = append(causes, check())
	}
	causes = append(causes, s.capabilities()...)
	causes = append(causes, s.userNamespace(), s.namespaces())
	causes = append(causes, s.terminal()...)
	byName := map[string]Check{}
	for _, c := range causes {
		byName[c.Name] = c
	}
	return append(append(s.abilities(byName), s.captureEBPF()...), causes...)
}

// abilities are what the checks together mean for the commands.
func (s *System) abilities(by map[string]Check) []Check {
	capture := Check{Name: "capture", State: Yes, Text: "nlsniff capture works, through nlmon"}
	needs := []string{"nlmon", "CAP_NET_RAW", "CAP_NET_ADMIN"}
	if name := s.monitor(); name != "" {
		// Nothing has to be made.
		needs = []string{"CAP_NET_RAW"}
		capture.Text = "nlsniff capture works, through " + name + ", which is there"
	}
	if s.Capture != nil {
		name, err := s.Capture()
		if err == nil {
			capture.Text = "nlsniff capture works: a message of its own came by on " + name
			return []Check{capture}
		}
		capture.State, capture.Text = No, "nlsniff capture does not work: "+err.Error()
		capture.Hint = "see below; captures of other machines can be read: nlsniff FILE"
		return []Check{capture}
	}
	for _, need := range needs {
		switch c := by[need]; {
		case c.State == No:
			if capture.State != No {
				capture.Text = "nlsniff capture does not work: " + need + " is missing"
			} else {
				capture.Text += ", and " + need
			}
			capture.State = No
		case c.State == Unknown && capture.State == Yes:
			capture.State, capture.Text = Unknown, "whether nlsniff capture works depends on "+need
		}
	}
	if capture.State != Yes {
		capture.Hint = "see below; captures of other machines can be read: nlsniff FILE"
	}
	return []Check{capture}
}

// captureEBPF tries the other way to capture.
func (s *System) captureEBPF() []Check {
	if s.EBPF == nil {
		return nil
	}
	c := Check{Name: "capture with eBPF", State: Yes, Text: "nlsniff capture --source ebpf works: messages of its own came by"}
	facts, hint, err := s.EBPF()
	c.Facts = facts
	if err != nil {
		c.State, c.Text, c.Hint = No, "nlsniff capture --source ebpf does not work: "+err.Error(), hint
	}
	return []Check{c}
}

func (s *System) kernel() Check {
	c := Check{Name: "kernel"}
	if s.Release == "" {
		c.Text = "uname does not say what runs"
		return c
	}
	c.State, c.Text = Yes, strings.TrimSpace(s.Sysname+" "+s.Release+" "+s.Machine)
	var major, minor int
	if _, err := fmt.Sscanf(s.Release, "%d.%d", &major, &minor); err == nil && (major < 4 || major == 4 && minor < 12) {
		c.State, c.Hint = No, "4.12 or later says why it refuses a request (extended ACKs)"
	}
	return c
}

// root is the root folder, an empty one if there is none.
func (s *System) root() fs.FS {
	if s.Root == nil {
		return nothing{}
	}
	return s.Root
}

type nothing struct{}

func (nothing) Open(name string) (fs.File, error) {
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
}

// read returns a small file's text, "" if it cannot be read.
func (s *System) read(path string) string {
	b, err := s.file(path)
	if err != nil {
		return ""
	}
	return string(b)
}

// file reads a file of the root folder.
func (s *System) file(path string) ([]byte, error) {
	return fs.ReadFile(s.root(), path)
}

// exists says whether there is a file or folder.
func (s *System) exists(path string) bool {
	_, err := fs.Stat(s.root(), path)
	return err == nil
}
