package ebpf

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"syscall"

	"github.com/nlsniff/nlsniff/capture/nlmon"
)

// streams numbers the network namespaces in the order in which they are seen.
type streams struct {
	mu      sync.Mutex
	numbers map[uint64]int
	list    []nlmon.Interface
}

// maxStreams is how many are told apart, as many as capture.Frame.Stream does.
const maxStreams = 1 << 12

func newStreams(home uint64) *streams {
	return &streams{numbers: map[uint64]int{home: 0}, list: []nlmon.Interface{{Name: "ebpf", NetNS: home}}}
}

// number returns a namespace's number and name. That of the process has none.
func (s *streams) number(netns uint64) (int, string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n, ok := s.numbers[netns]
	if !ok && len(s.list) < maxStreams {
		n = len(s.list)
		s.numbers[netns] = n
		s.list = append(s.list, nlmon.Interface{Name: "ebpf", Namespace: nameOf(netns), NetNS: netns})
	}
	return n, s.list[n].Namespace
}

func (s *streams) all() []nlmon.Interface {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]nlmon.Interface(nil), s.list...)
}

// nameOf looks for the name that ip netns gave a namespace.
func nameOf(netns uint64) string {
	names, _ := filepath.Glob("/run/netns/*")
	for _, path := range names {
		if info, err := os.Stat(path); err == nil {
			if st, ok := info.Sys().(*syscall.Stat_t); ok && st.Ino == netns {
				return filepath.Base(path)
			}
		}
	}
	return fmt.Sprintf("net:[%d]", netns)
}
