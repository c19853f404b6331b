package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// TestCompletion: every flag that takes a value says how to go on with it, and
// every command with its arguments. Which are files, is said here.
func TestCompletion(t *testing.T) {
	files := []string{"write", "output", "json"}
	root := newRoot()
	for _, c := range append(root.Commands(), root) {
		if c.ValidArgsFunction == nil {
			t.Errorf("%s does not complete its arguments", c.CommandPath())
		}
		c.Flags().VisitAll(func(f *pflag.Flag) {
			fn, ok := c.GetFlagCompletionFunc(f.Name)
			switch any := slices.Contains(files, f.Name); {
			case f.Value.Type() == "bool" || f.Hidden:
			case ok == any:
				t.Errorf("%s --%s: completed by a function: %t", c.CommandPath(), f.Name, ok)
			case ok:
				if _, directive := fn(c, nil, ""); directive&cobra.ShellCompDirectiveError != 0 {
					t.Errorf("%s --%s fails", c.CommandPath(), f.Name)
				}
			}
		})
	}
}

// TestCompleted: what is offered.
func TestCompleted(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]string{
		"read -T ":                       "text json jsonl fields ek :4",
		"stats -T ":                      "text json :4",
		"read --color ":                  "auto always never :4",
		"read --byte-order ":             "auto little big :4",
		"capture --source ":              "nlmon ebpf auto :4",
		"read -F ":                       "pcapng pcap :4",
		"read -O rt-link,nl8":            "rt-link,nl80211 rt-link,nl802154 :4",
		"read ":                          "pcapng pcap cap gz zst lz4 :8",
		"diff a ":                        "pcapng pcap cap gz zst lz4 :8",
		"diff a b ":                      ":4",
		"export --as s":                  "syz strace :4",
		"families wireg":                 "wireguard :4",
		"craft RTM_GETLINKP":             "RTM_GETLINKPROP :4",
		"read --color-rules ":            "default none :0",
		"capture -a ":                    "duration: filesize: packets: files: :38",
		"replay --until ":                "different :4",
		"read -c ":                       ":4",
		"read -T fields -e exchange.lat": "exchange.latency :36",
	} {
		words := strings.Split(args, " ")
		var out strings.Builder
		root := newRoot()
		root.SetArgs(append([]string{"__complete"}, words...))
		root.SetOut(&out)
		root.SetErr(&strings.Builder{})
		if err := root.Execute(); err != nil {
			t.Fatalf("%s: %v", args, err)
		}
		var got []string
		for l := range strings.Lines(out.String()) {
			l, _, _ = strings.Cut(strings.TrimSpace(l), "\t")
			if strings.HasPrefix(l, words[len(words)-1]) || strings.HasPrefix(l, ":") {
				got = append(got, l)
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %s, want %s", args, strings.Join(got, " "), want)
		}
	}
}
