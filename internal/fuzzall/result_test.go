package main

import "testing"

func TestRead(t *testing.T) {
	const running = "fuzz: elapsed: 3s, execs: 82709 (27541/sec), new interesting: 9 (total: 205)\nfuzz: elapsed: 6s, execs: 102794 (0/sec), new interesting: 14 (total: 210)\n"
	for name, c := range map[string]struct {
		output string
		failed bool
		want   result
	}{
		"passed":      {running + "PASS\n", false, result{execs: 102794, fresh: 14}},
		"out of time": {running + "--- FAIL: FuzzSplit (6.03s)\n    context deadline exceeded\nFAIL\n", true, result{execs: 102794, fresh: 14}},
		"found": {running + "--- FAIL: FuzzA (5.07s)\n    context deadline exceeded\n    Failing input written to testdata/fuzz/FuzzA/0a03\n", true,
			result{execs: 102794, fresh: 14, failed: true}},
		"does not build": {"# x\n./a.go:1: syntax error\n", true, result{failed: true}},
	} {
		got := read([]byte(c.output), c.failed)
		got.output = nil
		if got.String() != c.want.String() {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

// TestList: the targets of a package are found by what go test lists.
func TestList(t *testing.T) {
	const pkg = modulePath + "bpf/capfilter"
	all, err := list(pkg, []string{"FuzzParse"})
	if err != nil || len(all) != 1 || all[0] != (target{pkg, "FuzzParse"}) {
		t.Errorf("%v, %v", all, err)
	}
	if _, err := list(pkg, []string{"FuzzNothing"}); err == nil {
		t.Error("no error for a target that does not exist")
	}
}
