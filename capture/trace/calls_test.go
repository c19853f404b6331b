//go:build linux && (amd64 || arm64)

package trace

import (
	"bytes"
	"encoding/binary"
	"os/exec"
	"regexp"
	"strconv"
	"testing"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

// opCalls names the system calls of an operation. Those that an architecture
// lacks do not count there.
var opCalls = map[op][]string{
	opSocket: {"socket"}, opSocketcall: {"socketcall"}, opSendto: {"sendto"}, opSendmsg: {"sendmsg"}, opSendmmsg: {"sendmmsg"},
	opWrite: {"write"}, opWritev: {"writev"}, opPwritev2: {"pwritev2"}, opRecvfrom: {"recvfrom"}, opRecvmsg: {"recvmsg"},
	opRecvmmsg: {"recvmmsg", "recvmmsg_time64"}, opRead: {"read"}, opReadv: {"readv"}, opPreadv2: {"preadv2"}, opBind: {"bind"}, opConnect: {"connect"},
	opSetsockopt: {"setsockopt"}, opGetsockopt: {"getsockopt"}, opDup: {"dup"}, opDup2: {"dup2", "dup3"}, opFcntl: {"fcntl", "fcntl64"},
	opClose: {"close"}, opCloseRange: {"close_range"}, opSendfile: {"sendfile", "sendfile64"}, opSplice: {"splice"}, opIOUring: {"io_uring_setup"},
	opSeccomp: {"seccomp"}, opPrctl: {"prctl"}, opPidfdGetfd: {"pidfd_getfd"}, opExec: {"execve", "execveat"}, opClone: {"clone"},
}

var allABIs = []struct {
	name   string
	abi    *abi
	header string // of the kernel
	flags  []string
	mmap   string
}{
	{"amd64", amd64ABI, "/usr/include/x86_64-linux-gnu/asm/unistd_64.h", nil, "mmap"},
	{"i386", i386ABI, "/usr/include/x86_64-linux-gnu/asm/unistd_32.h", nil, "mmap2"},
	// arch/arm64's unistd.h asks for these of the generic one.
	{"arm64", arm64ABI, "/usr/include/asm-generic/unistd.h", []string{"-D__BITS_PER_LONG=64", "-D__ARCH_WANT_RENAMEAT", "-include", "asm-generic/bitsperlong.h"}, "mmap"},
}

// TestCallNumbers compares the numbers with the kernel's headers, those of other
// architectures as well.
func TestCallNumbers(t *testing.T) {
	for _, a := range allABIs {
		t.Run(a.name, func(t *testing.T) {
			c := exec.Command("cc", append(append([]string{"-E", "-dM"}, a.flags...), a.header)...)
			out, err := c.Output()
			if err != nil {
				t.Skip("no C compiler, or no kernel headers: ", err)
			}
			numbers := map[string]uint64{}
			// The generic header says __NR3264_mmap, and names it mmap below.
			for _, m := range regexp.MustCompile(`(?m)^#define __NR(?:3264)?_(\w+) (\d+)$`).FindAllSubmatch(out, -1) {
				n, _ := strconv.ParseUint(string(m[2]), 10, 64)
				numbers[string(m[1])] = n
			}
			if len(numbers) < 200 {
				t.Fatalf("%d numbers", len(numbers))
			}
			if a.abi.mmap != numbers[a.mmap] || a.abi.unmap != numbers["munmap"] {
				t.Errorf("mmap is %d, munmap %d", numbers[a.mmap], numbers["munmap"])
			}
			for o, names := range opCalls {
				want := map[uint64]bool{}
				for _, name := range names {
					if n, ok := numbers[name]; ok {
						want[n] = true
					}
				}
				for _, n := range a.abi.more[o] {
					if !want[n] {
						t.Errorf("%d is not %v", n, names)
					}
					delete(want, n)
				}
				if len(want) > 0 {
					t.Errorf("%v lack %v", names, want)
				}
			}
		})
	}
}

// runFilter runs a filter as the kernel does.
func runFilter(t *testing.T, prog []unix.SockFilter, arch, nr uint32, args [6]uint64) uint32 {
	t.Helper()
	raw := make([]bpf.RawInstruction, len(prog))
	for i, f := range prog {
		raw[i] = bpf.RawInstruction{Op: f.Code, Jt: f.Jt, Jf: f.Jf, K: f.K}
		if f.Code == unix.BPF_LD|unix.BPF_W|unix.BPF_ABS && f.K%4 != 0 {
			t.Fatalf("instruction %d loads from %d", i, f.K)
		}
	}
	list, ok := bpf.Disassemble(raw)
	if !ok {
		t.Fatal("not all instructions are known")
	}
	vm, err := bpf.NewVM(list)
	if err != nil {
		t.Fatal(err)
	}
	// struct seccomp_data is loaded in the machine's order, packets in the
	// network's: here each word is in the network's.
	var b bytes.Buffer
	words := []uint32{nr, arch, 0, 0}
	for _, a := range args {
		words = append(words, uint32(a), uint32(a>>32))
	}
	_ = binary.Write(&b, binary.BigEndian, words)
	got, err := vm.Run(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	return uint32(got)
}

// TestFilters: they stop what they should on every architecture, and nothing
// else.
func TestFilters(t *testing.T) {
	const fd, other = 5, 6
	for _, a := range allABIs {
		list := []*abi{a.abi}
		if a.abi != arm64ABI {
			list = []*abi{amd64ABI, i386ABI} // one filter for both
		}
		base, perFD := program(baseTests, list), program(fdTests(fd), list)
		expect := func(what string, prog []unix.SockFilter, nr uint64, args [6]uint64, stops bool) {
			t.Helper()
			want := uint32(unix.SECCOMP_RET_ALLOW)
			if stops {
				want = unix.SECCOMP_RET_TRACE
			}
			// What jumps there are is told from the instructions themselves: a
			// test that is compiled to nothing stops nothing.
			if got := runFilter(t, prog, a.abi.arch, uint32(nr), args); got != want {
				t.Errorf("%s: %s (%d) with %v gives %x, want %x", a.name, what, nr, args, got, want)
			}
		}
		for nr := range uint64(470) {
			o := a.abi.calls[nr]
			nth := -1 // that the filter of a descriptor looks at
			for _, x := range byFD {
				if x == o {
					nth = 0
				}
			}
			if o == opSplice {
				nth = 2
			}
			var args, wrong [6]uint64
			for i := range args {
				args[i], wrong[i] = other, fd
			}
			always := o == opCloseRange || o == opExec
			if nth >= 0 {
				args[nth], wrong[nth] = fd|1<<40, other // the upper half is not looked at
			}
			expect("its descriptor", perFD, nr, args, nth >= 0 || always)
			if o == opDup2 {
				wrong[1] = other
			}
			expect("another descriptor", perFD, nr, wrong, always)
			first := [6]uint64{unix.AF_NETLINK}
			switch o {
			case opSocket, opSocketcall, opIOUring, opPidfdGetfd, opClone3:
				expect("netlink", base, nr, first, true)
			case opSeccomp:
				expect("filter", base, nr, [6]uint64{unix.SECCOMP_SET_MODE_FILTER}, true)
			case opPrctl:
				expect("filter", base, nr, [6]uint64{unix.PR_SET_SECCOMP}, true)
				expect("other", base, nr, first, false)
			case opClone:
				expect("untraced", base, nr, [6]uint64{unix.CLONE_UNTRACED | unix.CLONE_VM}, true)
				expect("traced", base, nr, [6]uint64{^uint64(unix.CLONE_UNTRACED)}, false)
			default:
				expect("anything", base, nr, first, false)
			}
			if o == opSocket {
				expect("inet", base, nr, [6]uint64{unix.AF_INET}, false)
			}
		}
		if n := a.abi.nr[opDup2]; n != 0 {
			expect("to its number", perFD, n, [6]uint64{other, fd}, true)
		}
		// What no table knows is let through.
		if got := runFilter(t, perFD, 0x12345678, 0, [6]uint64{fd}); got != unix.SECCOMP_RET_ALLOW {
			t.Errorf("an unknown architecture gives %x", got)
		}
		if len(perFD) > unix.BPF_MAXINSNS {
			t.Errorf("%d instructions", len(perFD))
		}
	}
}
