package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/filter"
)

// completion is how cobra asks for the ways to go on with a word.
type completion = func(c *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective)

// captureEnds are the ends of the names that captures mostly have.
var captureEnds = []string{"pcapng", "pcap", "cap", "gz", "zst", "lz4"}

// completeAll gives every flag of every command its values, and commands that
// take captures their files, where they do not say better themselves.
func completeAll(root *cobra.Command) {
	for _, c := range append(root.Commands(), root) {
		c.Flags().VisitAll(func(f *pflag.Flag) {
			if f.Value.Type() == "uintSlice" {
				f.DefValue = "" // --help does not know that [] is nothing
			}
			if fn := completionOf(f); fn != nil {
				// An error says that the command does it itself.
				_ = c.RegisterFlagCompletionFunc(f.Name, fn)
			}
		})
		if c.ValidArgsFunction == nil && strings.Contains(c.Use, "FILE") || c.Name() == "diff" {
			c.ValidArgsFunction = captures(strings.Count(c.Use, " A") + strings.Count(c.Use, " B") + strings.Count(c.Use, "FILE"))
		}
		if c.ValidArgsFunction == nil && !c.HasParent() {
			continue
		}
		if c.ValidArgsFunction == nil {
			c.ValidArgsFunction = cobra.NoFileCompletions
		}
	}
}

// captures completes so many names of captures.
func captures(most int) completion {
	return func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		if len(args) >= most {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return captureEnds, cobra.ShellCompDirectiveFilterFileExt
	}
}

// completionOf is how to go on with a flag, nil where any file will do, or for a
// switch.
func completionOf(f *pflag.Flag) completion {
	if f.Value.Type() == "bool" {
		return nil
	}
	if fn := named[f.Name]; fn != nil {
		return fn
	}
	if list := choices(f); len(list) > 0 {
		return cobra.FixedCompletions(list, cobra.ShellCompDirectiveNoFileComp)
	}
	if what, _ := pflag.UnquoteUsage(f); what == "file" {
		return nil
	}
	return cobra.NoFileCompletions
}

// named are the flags whose values are found out.
var named = map[string]completion{
	"read-file":      captures(1),
	"display-filter": completeFilter,
	"time": func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return timeNames(), cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder
	},
	"field":        completeField,
	"only":         inList(func() []string { return familyNames(families.Embedded()) }),
	"field-option": begun("header=y", "separator=", "occurrence=f", "occurrence=l", "occurrence=a", "aggregator=", "quote=d", "quote=s", "quote=n"),
	"statistics":   begun(statisticNames...),
	"autostop":     begun("duration:", "filesize:", "packets:", "files:"),
	"ring-buffer":  begun("duration:", "filesize:", "packets:", "files:", "interval:"),
	"netns":        inFolder("/run/netns"),
	"interface":    inFolder("/sys/class/net"),
	"comm": func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return comms(), cobra.ShellCompDirectiveNoFileComp
	},
	"pid": func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return pids(), cobra.ShellCompDirectiveNoFileComp
	},
	"kernel": inList(kernels),
	"until":  cobra.FixedCompletions([]string{"different"}, cobra.ShellCompDirectiveNoFileComp),
	"color-rules": func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return []string{"default", "none"}, cobra.ShellCompDirectiveDefault
	},
	"spec": func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return []string{"yaml", "spec", "gz"}, cobra.ShellCompDirectiveFilterFileExt
	},
}

// choices are the values that a flag's usage names: "colour: auto, always or
// never".
func choices(f *pflag.Flag) []string {
	_, usage := pflag.UnquoteUsage(f)
	_, list, ok := strings.Cut(usage, ": ")
	list, _, _ = strings.Cut(list, ";")
	if !ok || !listed().MatchString(list) {
		return nil
	}
	return strings.FieldsFunc(strings.ReplaceAll(list, " or ", ", "), func(r rune) bool { return r == ',' || r == ' ' })
}

var listed = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[a-z]+(, [a-z]+)*( or [a-z]+)?$`) })

// begun completes words that are gone on with.
func begun(words ...string) completion {
	return cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp|cobra.ShellCompDirectiveNoSpace|cobra.ShellCompDirectiveKeepOrder)
}

// inList completes the last of several words between commas.
func inList(words func() []string) completion {
	return func(_ *cobra.Command, _ []string, word string) ([]string, cobra.ShellCompDirective) {
		before := word[:strings.LastIndexByte(word, ',')+1]
		var out []string
		for _, w := range words() {
			out = append(out, before+w)
		}
		return out, cobra.ShellCompDirectiveNoFileComp
	}
}

// inFolder completes the names of what is in a folder.
func inFolder(path string) completion {
	return func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		list, _ := os.ReadDir(path)
		var out []string
		for _, e := range list {
			out = append(out, e.Name())
		}
		return out, cobra.ShellCompDirectiveDefault
	}
}

// pids are the processes of this machine, with their names.
func pids() (out []string) {
	list, _ := filepath.Glob("/proc/[0-9]*/comm")
	for _, path := range list {
		if b, err := os.ReadFile(path); err == nil {
			out = append(out, filepath.Base(filepath.Dir(path))+"\t"+oneLine(strings.TrimSpace(string(b))))
		}
	}
	return out
}

// comms are their names.
func comms() (out []string) {
	for _, p := range pids() {
		_, name, _ := strings.Cut(p, "\t")
		out = append(out, name)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// kernels are the versions that are installed here.
func kernels() (out []string) {
	list, _ := filepath.Glob("/boot/vmlinuz-*")
	for _, path := range list {
		out = append(out, strings.TrimPrefix(filepath.Base(path), "vmlinuz-"))
	}
	return out
}

// completeFilter goes on with -Y.
func completeFilter(_ *cobra.Command, _ []string, word string) ([]string, cobra.ShellCompDirective) {
	var out []string
	for _, x := range filter.Complete(word, len(word), filter.NewEnv(families.Embedded(), location())) {
		text, _ := x.Apply(word)
		if x.Info != "" {
			text += "\t" + x.Info
		}
		out = append(out, text)
	}
	return out, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace | cobra.ShellCompDirectiveKeepOrder
}

// completeField goes on with -e.
func completeField(_ *cobra.Command, _ []string, word string) ([]string, cobra.ShellCompDirective) {
	var out []string
	for _, x := range filter.CompleteField(word, filter.NewEnv(families.Embedded(), location())) {
		out = append(out, x.Text+"\t"+x.Info)
	}
	return out, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder
}
