package count

import (
	"errors"
	"io"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/capture/pcapng"
	"github.com/nlsniff/nlsniff/dissect"
)

var errNotAlone = errors.New("a part does not tell how to read it")

// rest counts in what the source has not read yet, in parts side by side. It
// reports false where that is not possible, and has changed nothing then. number
// is that of the last frame that was read.
func (cfg *Config) rest(number int) (sum Matches, ok bool) {
	size := cfg.PartSize
	if size == 0 {
		size = partSize
	}
	parts := cfg.Source.Parts(size)
	if len(parts) == 0 {
		return sum, false
	}
	session, before := cfg.Session, make([]int, len(parts))
	if cfg.Filter.NeedsNames() {
		if session = learn(cfg.Session, parts, number, before); session == nil {
			return sum, false
		}
		if parts = cfg.Source.Parts(size); len(parts) != len(before) {
			return sum, false // somebody still writes the file
		}
	}
	tallies := make([]Matches, len(parts))
	ok = eachPart(parts, func() func(int) error {
		c := counter{m: cfg.Filter.Matcher(), d: dissect.New(cfg.DB)}
		return func(i int) error {
			c.Matches = Matches{}
			err := eachFrame(parts[i], session.Fork(), before[i], func(f *capture.Frame, in *dissect.Input) {
				// Filter.Local: it asks for no more.
				c.ev.Time, c.ev.OrigLen, c.ev.Comment = f.Time, f.OrigLen, f.Comment
				c.count(in)
			})
			tallies[i] = c.Matches
			return err
		}
	})
	for _, t := range tallies {
		sum.add(t)
	}
	return sum, ok
}

// learn reads parts for the names of generic families, and how many frames
// are before each. It returns nil if they are not to be read as parts.
func learn(session *dissect.Session, parts []*pcapng.Part, number int, before []int) *dissect.Session {
	branches := make([]*dissect.Session, len(parts))
	ok := eachPart(parts, func() func(int) error {
		return func(i int) error {
			s := session.Branch()
			branches[i] = s
			few := true
			err := eachFrame(parts[i], s, 0, func(_ *capture.Frame, in *dissect.Input) { few = few && s.HearFamilies(in) })
			if !few {
				return errNotAlone
			}
			return err
		}
	})
	if !ok {
		return nil
	}
	all := session.Branch()
	all.JoinFamilies(session, 0)
	for i, p := range parts {
		before[i] = number
		all.JoinFamilies(branches[i], number)
		number += p.Packets()
	}
	all.Complete()
	return all
}

// eachPart reads parts side by side. work returns what a goroutine does with a
// part that has begun. It reports false if one failed or began elsewhere than
// where the part before it ended.
func eachPart(parts []*pcapng.Part, work func() func(i int) error) bool {
	var (
		next   atomic.Int64
		failed atomic.Bool
		wg     sync.WaitGroup
	)
	for range min(runtime.GOMAXPROCS(0), len(parts)) {
		wg.Go(func() {
			read := work()
			var room []byte
			for !failed.Load() {
				i := int(next.Add(1)) - 1
				if i >= len(parts) {
					return
				}
				err := parts[i].Begin(room)
				if err == nil {
					err = read(i)
				}
				if err != nil {
					failed.Store(true)
					return
				}
				room = parts[i].Room()
			}
		})
	}
	wg.Wait()
	return !failed.Load() && pcapng.Joined(parts)
}

// eachFrame calls fn for the frames of a part that has number frames before it.
// Any error says that the part cannot be read alone.
func eachFrame(p *pcapng.Part, s *dissect.Session, number int, fn func(*capture.Frame, *dissect.Input)) error {
	var f capture.Frame
	var in dissect.Input
	for {
		if err := p.Next(&f); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		in.Number, in.Data, in.OrigLen, in.Dir = number+f.Number, f.Data, f.OrigLen, dissect.Dir(f.Dir)
		if s.Glance(&in, f.Stream()); !s.Settled() {
			return errNotAlone // its byte order is known from before, or not yet
		}
		fn(&f, &in)
	}
}
