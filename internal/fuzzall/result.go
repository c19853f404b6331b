package main

import (
	"bytes"
	"fmt"
	"regexp"
	"strconv"
)

// result is what came of one target.
type result struct {
	execs  uint64 // how often it ran
	fresh  uint64 // how many inputs reached something new
	failed bool
	output []byte
}

func (r result) String() string {
	s := fmt.Sprintf("%10d executions %5d new", r.execs, r.fresh)
	if r.failed {
		s += "  FAILED"
	}
	return s
}

var (
	progress  = regexp.MustCompile(`execs: (\d+) .*new interesting: (\d+)`)
	outOfTime = regexp.MustCompile(`(?m)^ *context deadline exceeded$`)
)

// read reads what go test said. Before Go 1.27 the end of the time itself can be
// reported as a failure (go.dev/issue/75804); one that has an input is none of
// those.
func read(output []byte, failed bool) result {
	r := result{failed: failed, output: output}
	if all := progress.FindAllSubmatch(output, -1); all != nil {
		last := all[len(all)-1]
		r.execs, _ = strconv.ParseUint(string(last[1]), 10, 64)
		r.fresh, _ = strconv.ParseUint(string(last[2]), 10, 64)
	}
	if failed && outOfTime.Match(output) && !bytes.Contains(output, []byte("Failing input")) {
		r.failed = false
	}
	return r
}
