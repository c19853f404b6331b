// Command fuzzall runs every fuzz target of the module, one after the other, and
// prints of each how much was tried, how many inputs reached something new, and
// what was found.
//
//	go run ./internal/fuzzall -for 2h     # shared among all; whole programs get more
//	go run ./internal/fuzzall -each 5s
//	go run ./internal/fuzzall -for 30m FuzzReader FuzzRun
//
// A target that has tried nothing in its time gets twice as much. The program ends
// with status 1 if something was found, or nothing could be tried.
package main

import (
	"bufio"
	"bytes"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"
)

// wholeShare is how many times as long a target that runs the whole program or
// the whole interface is fuzzed as one that runs a parser.
const wholeShare = 4

// longest is how long a target may take to begin.
const longest = 5 * time.Minute

// whole are these targets.
var whole = []string{"FuzzRun", "FuzzModel"}

// target is a fuzz test.
type target struct{ pkg, name string }

func (t target) share() int {
	if slices.Contains(whole, t.name) {
		return wholeShare
	}
	return 1
}

func main() {
	total := flag.Duration("for", 0, "the time for all targets together")
	each := flag.Duration("each", 5*time.Second, "the time for each target, without -for")
	flag.Parse()
	found, err := run(os.Stdout, *total, *each, flag.Args())
	if err != nil {
		fmt.Fprintln(os.Stderr, "fuzzall:", err)
		os.Exit(2)
	}
	if found {
		os.Exit(1)
	}
}

func run(w io.Writer, total, each time.Duration, only []string) (found bool, err error) {
	targets, err := list(modulePath+"...", only)
	if err != nil {
		return false, err
	}
	shares := 0
	for _, t := range targets {
		shares += t.share()
	}
	var sum result
	for _, t := range targets {
		d := each
		if total > 0 {
			d = total * time.Duration(t.share()) / time.Duration(shares)
		}
		r := fuzz(t, d)
		// What is known already is run first, and may take all the time.
		for ; r.execs == 0 && !r.failed && d < longest; d *= 2 {
			r = fuzz(t, 2*d)
		}
		r.failed = r.failed || r.execs == 0
		fmt.Fprintf(w, "%-60s %s\n", strings.TrimPrefix(t.pkg, modulePath)+" "+t.name, r)
		if r.failed {
			fmt.Fprintf(w, "%s\n", bytes.TrimSpace(r.output))
		}
		sum.execs += r.execs
		sum.fresh += r.fresh
		sum.failed = sum.failed || r.failed
	}
	fmt.Fprintf(w, "%-60s %s\n", fmt.Sprintf("%d targets", len(targets)), sum)
	return sum.failed, nil
}

const modulePath = "github.com/nlsniff/nlsniff/"

// list returns the fuzz targets of packages, all or those with the names given.
func list(packages string, only []string) (out []target, err error) {
	var names []string
	text, err := command("go", "test", "-list", "^Fuzz", packages)
	if err != nil {
		return nil, fmt.Errorf("%w\n%s", err, text)
	}
	// The names of a package stand before the line that ends it.
	for s := bufio.NewScanner(bytes.NewReader(text)); s.Scan(); {
		switch f := strings.Fields(s.Text()); {
		case len(f) == 1 && strings.HasPrefix(f[0], "Fuzz"):
			names = append(names, f[0])
		case len(f) > 1 && f[0] == "ok":
			for _, n := range names {
				if len(only) == 0 || slices.Contains(only, n) {
					out = append(out, target{f[1], n})
				}
			}
			names = nil
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("no fuzz target %s\nhint: without names all are run", strings.Join(only, " "))
	}
	return out, nil
}

// fuzz runs one target.
func fuzz(t target, d time.Duration) result {
	text, err := command("go", "test", "-run", "^$", "-fuzz", "^"+t.name+"$", "-fuzztime", d.String(), "-fuzzminimizetime", "2s", t.pkg)
	return read(text, err != nil)
}

func command(name string, args ...string) ([]byte, error) {
	return exec.Command(name, args...).CombinedOutput()
}
