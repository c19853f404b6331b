package why

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
)

// symbol is a function in the kernel's memory.
type symbol struct {
	addr   uint64
	name   string
	module string // "" for the kernel itself
}

// plainName is the name in the source: compilers name copies of a function
// after it.
func (s *symbol) plainName() string {
	name, _, _ := strings.Cut(s.name, ".")
	return name
}

// symbols are all functions, by address.
type symbols []symbol

// readSymbols reads /proc/kallsyms.
func readSymbols(r io.Reader) (symbols, error) {
	var list symbols
	in := bufio.NewScanner(r)
	for in.Scan() {
		f := strings.Fields(in.Text())
		if len(f) < 3 || f[1] != "t" && f[1] != "T" && f[1] != "w" && f[1] != "W" {
			continue
		}
		addr, err := strconv.ParseUint(f[0], 16, 64)
		if err != nil || addr == 0 {
			continue
		}
		s := symbol{addr: addr, name: f[2]}
		if len(f) > 3 {
			s.module = strings.Trim(f[3], "[]")
		}
		if s.module == "bpf" || strings.HasPrefix(s.name, "__pfx_") {
			continue
		}
		list = append(list, s)
	}
	if err := in.Err(); err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("/proc/kallsyms: %w", os.ErrPermission)
	}
	slices.SortStableFunc(list, func(a, b symbol) int {
		switch {
		case a.addr < b.addr:
			return -1
		case a.addr > b.addr:
			return 1
		}
		return 0
	})
	return list, nil
}

// at returns the index of the function that an address lies in, -1 if in none.
func (s symbols) at(addr uint64) int {
	i, found := slices.BinarySearchFunc(s, addr, func(e symbol, a uint64) int {
		switch {
		case e.addr < a:
			return -1
		case e.addr > a:
			return 1
		}
		return 0
	})
	if found {
		return i
	}
	return i - 1
}

// end is where the function that starts at an index ends, at most.
func (s symbols) end(i int) uint64 {
	for j := i + 1; j < len(s); j++ {
		if s[j].addr != s[i].addr {
			return s[j].addr
		}
	}
	return s[i].addr + 4096
}

// traceable reads which addresses the function tracer knows
// (available_filter_functions_addrs, Linux 6.5).
func traceable(r io.Reader) (map[uint64]bool, error) {
	all := map[uint64]bool{}
	in := bufio.NewScanner(r)
	for in.Scan() {
		hex, _, _ := strings.Cut(strings.TrimSpace(in.Text()), " ")
		if addr, err := strconv.ParseUint(strings.TrimPrefix(hex, "0x"), 16, 64); err == nil {
			all[addr] = true
		}
	}
	return all, in.Err()
}
