package flow_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/flow"
	"github.com/nlsniff/nlsniff/internal/pcaptest"
)

// truth is what a program saw of one of its requests, taken from strace while
// the capture was made. testdata/truth/README.md says what the members mean.
type truth struct {
	Frame        int
	Msg          int32
	Prog         string
	PID          int
	Proto        string
	PortID       *uint32
	Seq          uint32
	Type, Flags  uint16
	Batch        []*int
	Outcome      string
	Errno        *int32
	Acked, Intr  bool
	Replies      int
	Answers      [][2]int
	Notified     int
	Consequences [][2]int
	Until        string
	Unread       bool
	Ambiguous    string
	Summary      *struct{ Received, Sent []int }
}

func (r *truth) dump() bool { return r.Flags&0x300 == 0x300 }

// judge compares one capture's exchanges with the truth.
type judge struct {
	r        *tracked
	home     map[[2]int]uint64 // of a message
	byReq    map[[2]int]*flow.Exchange
	received map[int]bool
	later    map[string]int // frame of a socket's last request that was answered
	diffs    []string
	agree    int
}

func readTruth(t *testing.T, path string) (rows []truth, received []int) {
	b, err := os.ReadFile(path)
	if err == nil && strings.HasSuffix(path, ".zst") {
		var z *zstd.Decoder
		if z, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(1)); err == nil {
			defer z.Close()
			b, err = z.DecodeAll(b, nil)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	s := bufio.NewScanner(bytes.NewReader(b))
	s.Buffer(nil, 1<<22)
	for s.Scan() {
		var r truth
		if err := json.Unmarshal(s.Bytes(), &r); err != nil {
			t.Fatal(err)
		}
		if r.Summary != nil {
			return rows, r.Summary.Received
		}
		rows = append(rows, r)
	}
	t.Fatalf("%s has no summary: %v", path, s.Err())
	return nil, nil
}

// TestTruth: exchanges are what the programs saw. The captures are of real
// programs on Linux 6.1, 6.12 and 7.3, which strace watched.
func TestTruth(t *testing.T) {
	files, err := filepath.Glob("../testdata/truth/*.pcap*")
	if err != nil || len(files) < 55 {
		t.Fatalf("%d captures: %v", len(files), err)
	}
	for _, file := range files {
		name, packed, _ := strings.Cut(filepath.Base(file), ".pcap")
		t.Run(name, func(t *testing.T) {
			rows, received := readTruth(t, filepath.Join(filepath.Dir(file), name+".truth.jsonl"+packed))
			frames := pcaptest.File(t, file)
			r := track(t, frames, flow.Options{})
			r.check(t)
			j := newJudge(r, received)
			j.all(rows, frames)
			for _, d := range j.diffs {
				t.Error(d)
			}
			if j.agree == 0 {
				t.Error("nothing was compared")
			}
		})
	}
}

func newJudge(r *tracked, received []int) *judge {
	j := &judge{r: r, home: map[[2]int]uint64{}, byReq: map[[2]int]*flow.Exchange{}, received: map[int]bool{}, later: map[string]int{}}
	for i, refs := range r.refs {
		for k, ref := range refs {
			if ref.Exchange != 0 {
				j.home[[2]int{i + 1, k}] = ref.Exchange
			}
		}
	}
	for i := range r.list {
		if e := &r.list[i]; e.Request.Frame != 0 {
			j.byReq[[2]int{e.Request.Frame, int(e.Request.Msg)}] = e
		}
	}
	for _, f := range received {
		j.received[f] = true
	}
	return j
}

func (j *judge) say(kind, ambiguous string, frame int, format string, args ...any) {
	mark := ""
	if ambiguous != "" {
		mark = "?"
	}
	j.diffs = append(j.diffs, fmt.Sprintf("frame %d: %s%s: %s", frame, kind, mark, fmt.Sprintf(format, args...)))
}

func (r *truth) socket() string {
	if r.PortID == nil {
		return fmt.Sprint(r.PID, r.Proto)
	}
	return fmt.Sprint(r.PID, r.Proto, *r.PortID)
}

func (j *judge) all(rows []truth, frames []capture.Frame) {
	answered := map[int]bool{}
	batches := map[[2]int][]*truth{}
	var order [][2]int
	var single []*truth
	for i := range rows {
		r := &rows[i]
		for _, a := range r.Answers {
			answered[a[0]] = true
		}
		switch {
		case r.Frame == 0:
		case len(r.Batch) == 2 && r.Batch[0] != nil:
			k := [2]int{*r.Batch[0], *r.Batch[1]}
			if batches[k] == nil {
				order = append(order, k)
			}
			batches[k] = append(batches[k], r)
		default:
			single = append(single, r)
			if len(r.Answers) > 0 {
				j.later[r.socket()] = max(j.later[r.socket()], r.Frame)
			}
		}
	}
	for i := range j.r.list {
		e := &j.r.list[i]
		switch f := max(e.First.Frame, e.Answer.Frame); {
		case e.Request.Frame == 0 && j.received[f] && !answered[f]:
			j.say("orphan", "", f, "#%d is a notification", e.ID)
		case j.received[e.Request.Frame]:
			j.say("invented", "", e.Request.Frame, "#%d is the kernel's", e.ID)
		}
	}
	asked := map[[2]int][]*truth{}
	for _, r := range single {
		asked[[2]int{r.Frame, int(r.Msg)}] = append(asked[[2]int{r.Frame, int(r.Msg)}], r)
	}
	for k, b := range batches {
		asked[k] = b
	}
	j.strangers(asked, frames)
	for _, r := range single {
		j.compare([2]int{r.Frame, int(r.Msg)}, []*truth{r})
	}
	for _, k := range order {
		j.compare(k, batches[k])
	}
}

// strangers looks for messages in an exchange that carry another socket's
// portid, or another number.
func (j *judge) strangers(asked map[[2]int][]*truth, frames []capture.Frame) {
	byID := map[uint64]*flow.Exchange{}
	for _, e := range j.byReq {
		byID[e.ID] = e
	}
	for i := range frames {
		if !j.received[i+1] {
			continue
		}
		for k, m := range j.r.own[i] {
			e := byID[j.home[[2]int{i + 1, k}]]
			if e == nil || m.Seq == 0 || m.Datagram {
				continue
			}
			rows := asked[[2]int{e.Request.Frame, int(e.Request.Msg)}]
			if rows != nil && !slices.ContainsFunc(rows, func(r *truth) bool { return r.Seq == m.Seq && r.PortID != nil && *r.PortID == m.PortID }) {
				j.say("extra", "", i+1, "a message for portid %d seq %d is in #%d", m.PortID, m.Seq, e.ID)
			}
		}
	}
}

// compare compares the exchange at a place with what is true of its request,
// or of the messages of its batch.
func (j *judge) compare(at [2]int, rows []*truth) {
	before := len(j.diffs)
	ambiguous, unread := "", false
	var errs, acks []*truth
	replies, notified, lost := 0, 0, true
	wantsACK, announced := false, false
	for _, r := range rows {
		announced = announced || len(r.Consequences) > 0
		if r.Ambiguous != "" {
			ambiguous = r.Ambiguous
		}
		unread = unread || r.Unread
		if r.Errno != nil {
			errs = append(errs, r)
		}
		if r.Acked {
			acks = append(acks, r)
		}
		replies += r.Replies
		notified += r.Notified
		lost = lost && len(r.Answers) == 0
		const begin, end = 0x10, 0x11 // Linux 6.1 sends no ACK of these
		wantsACK = wantsACK || r.Flags&4 != 0 && (r.Batch == nil || r.Type != begin && r.Type != end)
	}
	if len(rows) > 1 {
		unread = unread && lost
	}
	if strings.Contains(ambiguous, "the capture had ended") || strings.Contains(ambiguous, "its socket lost messages") {
		return
	}
	e := j.byReq[at]
	if e == nil {
		j.say("missed", ambiguous, at[0], "%s[%d] seq %d starts no exchange", rows[0].Prog, rows[0].PID, rows[0].Seq)
		return
	}
	say := func(kind, format string, args ...any) {
		head := fmt.Sprintf("#%d %s (%s), ok %v, of %s[%d] seq %d type %d flags %#x, %s: ", e.ID, e.State, e.Reason, e.OK(), rows[0].Prog, rows[0].PID, rows[0].Seq, rows[0].Type, rows[0].Flags, rows[0].Outcome)
		j.say(kind, ambiguous, at[0], "%s", head+fmt.Sprintf(format, args...))
	}
	want := j.states(rows, errs, acks, replies, unread)
	isBatch := len(rows) > 1 || rows[0].Batch != nil
	if isBatch && e.Errors != len(errs) && !unread {
		say("batcherr", "%d errors", len(errs))
	}
	switch {
	case !slices.Contains(want, e.State):
		say("verdict", "want %v", want)
	case e.State == flow.Failed && len(errs) > 0:
		blamed := slices.IndexFunc(errs, func(r *truth) bool { return *r.Errno == e.Errno })
		if blamed < 0 || !isBatch && blamed > 0 {
			say("errno", "%d, want %d", e.Errno, *errs[0].Errno)
		} else if isBatch {
			seq := j.r.own[e.Answer.Frame-1][e.Answer.Msg].Seq
			if !slices.ContainsFunc(errs, func(r *truth) bool { return r.Seq == seq }) {
				say("batcherr", "it blames seq %d", seq)
			}
		}
	case e.State == flow.Unanswered && e.OK() && wantsACK && !unread && !announced:
		say("verdict", "an ACK was asked for and none came")
	}
	if (e.State == flow.Unanswered || e.State == flow.Open) && e.Reason == flow.CaptureEnded &&
		(rows[0].Until == "next" || rows[0].Outcome == "answered") && j.later[rows[0].socket()] > at[0] {
		say("reason", "the socket's later request in frame %d was answered", j.later[rows[0].socket()])
	}
	if n := e.Replies; (n < replies || n > replies+notified) && !(unread && n > replies) {
		say("replies", "%d, want %d to %d", n, replies, replies+notified)
	}
	for _, r := range rows {
		for _, a := range r.Answers {
			if j.home[a] != e.ID {
				say("joined", "its answer in frame %d is in #%d", a[0], j.home[a])
			}
		}
		for _, a := range r.Consequences {
			if j.home[a] != e.ID {
				say("notif", "its consequence in frame %d is in #%d", a[0], j.home[a])
			}
		}
		if isBatch && j.home[[2]int{r.Frame, int(r.Msg)}] != e.ID {
			say("missed", "its message %d is in #%d", r.Msg, j.home[[2]int{r.Frame, int(r.Msg)}])
		}
	}
	if e.PortID != 0 && rows[0].PortID != nil && e.PortID != *rows[0].PortID {
		say("socket", "%d, want %d", e.PortID, *rows[0].PortID)
	}
	if len(j.diffs) == before {
		j.agree++
	}
}

// states are those that say what the program saw.
func (j *judge) states(rows, errs, acks []*truth, replies int, unread bool) []flow.State {
	r := rows[0]
	var want []flow.State
	if len(rows) > 1 || r.Batch != nil {
		switch {
		case unread:
			return []flow.State{flow.Acknowledged, flow.Answered, flow.Failed, flow.Unanswered}
		case len(errs) > 0:
			return []flow.State{flow.Failed}
		case len(acks) > 0:
			return []flow.State{flow.Acknowledged}
		case replies > 0:
			return []flow.State{flow.Answered}
		}
		return []flow.State{flow.Unanswered}
	}
	switch {
	case r.Intr:
		want = []flow.State{flow.Interrupted}
	case r.Outcome == "answered" && r.dump():
		want = []flow.State{flow.Open}
	default:
		want = []flow.State{map[string]flow.State{"ack": flow.Acknowledged, "error": flow.Failed, "done": flow.Acknowledged, "answered": flow.Answered,
			"nothing": flow.Unanswered, "senderror": flow.Unanswered}[r.Outcome]}
	}
	if unread {
		want = append(want, flow.Acknowledged, flow.Answered, flow.Failed, flow.Open, flow.Interrupted, flow.Unanswered)
	}
	return want
}
