package vmtest

import (
	"bufio"
	"io"
	"strings"
	"testing"
)

// events are what a test binary prints with -test.v=test2json: what tests
// print, and lines that begin with a mark and say which test starts or ends.
type events struct {
	r    *bufio.Reader
	rest string // of the line, behind the first mark in it
}

// mark is testing's marker: a control character that no test prints by chance.
const mark = "\x16"

type event struct {
	kind string // "RUN", "PASS", "FAIL", "SKIP", "PAUSE"…; "" for text
	name string // of the test
	text string // what a test printed, with its line's end
}

// newEvents returns events, and what to write the binary's output to.
func newEvents() (*events, io.WriteCloser) {
	r, w := io.Pipe()
	return &events{r: bufio.NewReader(r)}, w
}

// next returns the next event, or false when the output ended.
func (e *events) next() (event, bool) {
	line := e.rest
	e.rest = ""
	if line == "" {
		line, _ = e.r.ReadString('\n')
		if line == "" {
			return event{}, false
		}
	}
	// A test that ends without ending its line has a mark in the middle.
	if i := strings.LastIndex(line, mark); i > 0 {
		line, e.rest = line[:i], line[i:]
	}
	marked, ok := strings.CutPrefix(line, mark)
	fields := strings.Fields(marked)
	switch {
	case ok && len(fields) == 3 && fields[0] == "===": // "=== RUN   TestX/a"
		return event{kind: fields[1], name: fields[2]}, true
	case ok && len(fields) == 4 && fields[0] == "---": // "--- PASS: TestX/a (0.01s)"
		return event{kind: strings.TrimSuffix(fields[1], ":"), name: fields[2]}, true
	case ok: // the binary's own result, which its tests' results imply
		return event{kind: "END"}, true
	}
	return event{text: line}, true
}

// report makes t the test of a name, and runs a subtest of t for each of its
// own, as the events tell. It returns when the named test ends.
func (e *events) report(t *testing.T, name string) {
	for {
		ev, ok := e.next()
		child, isChild := strings.CutPrefix(ev.name, name+"/")
		switch {
		case !ok:
			t.Error("no result: the machine or the test binary ended in the middle of this test")
			return
		case ev.kind == "":
			// testing indents by four what it gets from a test, twice now.
			io.WriteString(t.Output(), strings.TrimPrefix(ev.text, "    "))
		case ev.kind == "RUN" && isChild:
			t.Run(child, func(t *testing.T) { e.report(t, ev.name) })
		case ev.kind == "PAUSE":
			t.Errorf("vmtest: %s is parallel, which is not possible here", ev.name)
		case ev.name != name:
		case ev.kind == "FAIL":
			t.Fail()
			return
		case ev.kind == "SKIP":
			t.SkipNow()
		case ev.kind == "PASS":
			return
		}
	}
}

// drain passes on what comes after the last test, or in a crash.
func (e *events) drain(t *testing.T) {
	for {
		ev, ok := e.next()
		if !ok {
			return
		}
		io.WriteString(t.Output(), ev.text)
	}
}
