package doctor

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"
)

// families asks the controller.
func (s *System) families() Check {
	c := Check{Name: "controller"}
	if s.Families == nil {
		c.Text = "not asked"
		return c
	}
	names, err := s.Families()
	if err != nil {
		c.State, c.Text = No, fmt.Sprintf("generic netlink does not answer: %v", err)
		c.Hint = "a sandbox without netlink sockets; files can be read all the same"
		return c
	}
	var strange []string
	for _, n := range names {
		if s.Described != nil && !s.Described(n) {
			strange = append(strange, n)
		}
	}
	c.State, c.Text = Yes, fmt.Sprintf("%d generic families are registered, all described", len(names))
	if len(strange) > 0 {
		slices.Sort(strange)
		c.Text = fmt.Sprintf("%d generic families are registered; guessed by what the kernel tells, not described: %s", len(names), strings.Join(strange, ", "))
	}
	return c
}

// userNamespace says whether capabilities hold for the whole machine
// (user_namespaces(7)).
func (s *System) userNamespace() Check {
	c := Check{Name: "user namespace"}
	words := strings.Fields(s.read("proc/self/uid_map"))
	switch {
	case len(words) < 3:
		c.Text = "/proc/self/uid_map cannot be read"
	case len(words) == 3 && words[0] == "0" && words[1] == "0" && words[2] == "4294967295":
		c.State, c.Text = Yes, "the machine's own"
	default:
		c.State, c.Text = No, "not the machine's own: capabilities hold for network namespaces that were made in it only, and modules cannot be loaded"
		c.Hint = "run nlsniff on the host, with --netns pid:N for the network namespace of a container"
	}
	return c
}

// namespaces lists the network namespaces that have names.
func (s *System) namespaces() Check {
	c := Check{Name: "network namespaces", State: Yes, Text: "none has a name; --netns pid:N takes a process's"}
	var names []string
	if s.Root != nil {
		entries, err := fs.ReadDir(s.Root, "run/netns")
		if err != nil && s.exists("run/netns") {
			c.State, c.Text, c.Hint = Unknown, "/run/netns cannot be read", "sudo"
			return c
		}
		for _, e := range entries {
			names = append(names, e.Name())
		}
	}
	if len(names) > 0 {
		c.Text = "named ones, for --netns: " + strings.Join(names, ", ")
		if s.HasCapabilities && !s.has(21) {
			c.State, c.Hint = No, "entering one needs CAP_SYS_ADMIN: sudo"
		}
	}
	return c
}
