package headercheck

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/nlsniff/nlsniff/families"
)

// Compiler checks claims against the installed headers. Every claim is one
// line with a static assertion, so that one run, which writes no object, tells
// the claims that hold from those that do not and from the names that the
// headers lack.
type Compiler struct {
	path string
	args []string
	dir  string
}

// NewCompiler uses the C compiler at path, and dir for its files.
func NewCompiler(path, dir string) *Compiler {
	c := &Compiler{path: path, dir: dir, args: []string{"-std=gnu11", "-w", "-Uunix", "-Ulinux", "-fno-diagnostics-show-caret"}}
	out, _ := exec.Command(path, "--version").Output()
	if bytes.Contains(out, []byte("clang")) {
		c.args = append(c.args, "-ferror-limit=0")
	} else {
		// An error in what a macro stands for is reported where the macro is used.
		c.args = append(c.args, "-ftrack-macro-expansion=0")
	}
	return c
}

// Has says whether the compiler finds a header.
func (c *Compiler) Has(header string) bool {
	cmd := exec.Command(c.path, slices.Concat(c.args, []string{"-fsyntax-only", "-x", "c", "-"})...)
	cmd.Stdin = strings.NewReader("#include <" + header + ">\n")
	return cmd.Run() == nil
}

const marker = "nlsniff: does not hold"

const prelude = `#include <stddef.h>
#include <stdint.h>
#include <linux/types.h>
#define NEG(n, m, v) (((long long)(n) & (m)) == (v))
#define IS(n, v, w) _Static_assert((unsigned long long)(n) == (v) || (n) == (w) || (long long)(n) < 0 && \
	(NEG(n, 0xffffffff, v) || NEG(n, 0xffff, v) || NEG(n, 0xff, v)), "` + marker + `");
#define SIZE(s, n) _Static_assert(sizeof(struct s) == (n), "` + marker + `");
#define FLEX(s, m, o) _Static_assert(offsetof(struct s, m) == (o), "` + marker + `");
#define AT(s, m, o, n) _Static_assert(offsetof(struct s, m) == (o) && sizeof(((struct s *)0)->m) == (n), "` + marker + `");
`

// source writes the program and says which claim, or header, is on which line.
func source(headers []string, claims []*Claim) (text []byte, header map[int]string, claim map[int]*Claim) {
	var b bytes.Buffer
	b.WriteString(prelude)
	line := strings.Count(prelude, "\n") + 1
	header, claim = map[int]string{}, map[int]*Claim{}
	for _, h := range headers {
		fmt.Fprintf(&b, "#if __has_include(<%s>)\n#include <%[1]s>\n#endif\n", h)
		header[line+1] = h
		line += 3
	}
	for _, x := range claims {
		switch {
		case x.Kind == Const:
			fmt.Fprintf(&b, "IS(%s, %dull, %dull)\n", x.Name, x.Value, x.swapped())
		case x.Kind == Size:
			fmt.Fprintf(&b, "SIZE(%s, %d)\n", x.Name, x.Value)
		case x.Bytes == 0:
			fmt.Fprintf(&b, "FLEX(%s, %s, %d)\n", x.Name, x.Member, x.Value)
		default:
			fmt.Fprintf(&b, "AT(%s, %s, %d, %d)\n", x.Name, x.Member, x.Value, x.Bytes)
		}
		claim[line] = x
		line++
	}
	return b.Bytes(), header, claim
}

var (
	diagnostic = regexp.MustCompile(`(?m)^([^\s:][^:]*):(\d+):(?:\d+:)? (?:fatal )?error: (.*)$`)
	included   = regexp.MustCompile(`(?m)^(?:In file included|\s+) from ([^:]+):(\d+)`)
)

// Check compares a family's claims with its headers. A header that does not
// compile with the others is left out, and noted.
func (c *Compiler) Check(f *families.Family) (Result, error) {
	claims, headers := Claims(f), f.Headers
	file := filepath.Join(c.dir, f.Name+".c")
	var out []string
	for {
		text, header, claim := source(headers, claims)
		if err := os.WriteFile(file, text, 0o644); err != nil {
			return Result{}, err
		}
		cmd := exec.Command(c.path, slices.Concat(c.args, []string{"-fsyntax-only", file})...)
		cmd.Env = append(os.Environ(), "LC_ALL=C")
		said, err := cmd.CombinedOutput()
		var exit *exec.ExitError
		if err != nil && !errors.As(err, &exit) {
			return Result{}, err
		}
		bad, ok := culprit(file, said, header)
		if ok {
			res, err := sift(said, claims, claim)
			res.LeftOut = out
			if err == nil && len(res.Wrong) > 0 {
				err = c.explain(&res, headers, f.Name)
			}
			return res, err
		}
		if bad == "" {
			return Result{}, fmt.Errorf("%s: %s", f.Name, said)
		}
		out = append(out, f.Name+".spec: "+bad)
		headers = without(headers, bad)
	}
}

// culprit names the header that an error is in; ok says that there is none.
func culprit(file string, said []byte, header map[int]string) (name string, ok bool) {
	for _, m := range diagnostic.FindAllSubmatchIndex(said, -1) {
		if string(said[m[2]:m[3]]) == file {
			continue
		}
		in := included.FindAllSubmatch(said[:m[0]], -1)
		for i := len(in) - 1; i >= 0; i-- {
			if n, _ := strconv.Atoi(string(in[i][2])); string(in[i][1]) == file {
				return header[n], false
			}
		}
		return "", false
	}
	return "", true
}

func without(l []string, x string) []string {
	var out []string
	for _, s := range l {
		if s != x {
			out = append(out, s)
		}
	}
	return out
}

// sift tells apart what the compiler said of the claims.
func sift(said []byte, claims []*Claim, claim map[int]*Claim) (Result, error) {
	var res Result
	wrong, absent := map[*Claim]bool{}, map[*Claim]bool{}
	lacks := map[string]bool{} // a name is reported once only
	for _, m := range diagnostic.FindAllSubmatch(said, -1) {
		n, _ := strconv.Atoi(string(m[2]))
		x := claim[n]
		if x == nil {
			return res, fmt.Errorf("%s", m[0])
		}
		if bytes.Contains(m[3], []byte(marker)) {
			wrong[x] = true
			continue
		}
		absent[x] = true
		if x.Kind == Const {
			lacks[x.Name] = true
		}
	}
	for _, x := range claims {
		switch {
		case absent[x] || x.Kind == Const && lacks[x.Name]:
			res.Absent = append(res.Absent, x)
			continue
		case wrong[x]:
			res.Wrong = append(res.Wrong, Wrong{Claim: x})
		}
		res.Checked++
	}
	return res, nil
}

// explain runs a program that prints what the headers say instead.
func (c *Compiler) explain(res *Result, headers []string, name string) error {
	var b bytes.Buffer
	text, _, _ := source(headers, nil)
	b.Write(text)
	b.WriteString("#include <stdio.h>\nint main(void) {\n")
	for _, w := range res.Wrong {
		switch {
		case w.Kind == Const:
			fmt.Fprintf(&b, "printf(\"%%lld\\n\", (long long)(%s));\n", w.Name)
		case w.Kind == Size:
			fmt.Fprintf(&b, "printf(\"%%zu\\n\", sizeof(struct %s));\n", w.Name)
		case w.Bytes == 0:
			fmt.Fprintf(&b, "printf(\"%%zu\\n\", offsetof(struct %s, %s));\n", w.Name, w.Member)
		default:
			fmt.Fprintf(&b, "printf(\"%%zu, %%zu bytes\\n\", offsetof(struct %s, %s), sizeof(((struct %[1]s *)0)->%[2]s));\n", w.Name, w.Member)
		}
	}
	b.WriteString("}\n")
	file := filepath.Join(c.dir, name+"-values")
	if err := os.WriteFile(file+".c", b.Bytes(), 0o644); err != nil {
		return err
	}
	if out, err := exec.Command(c.path, slices.Concat(c.args, []string{"-o", file, file + ".c"})...).CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %v: %s", name, err, out)
	}
	out, err := exec.Command(file).Output()
	if err != nil {
		return err
	}
	size := map[*Claim]uint64{}
	for i, l := range strings.Split(strings.TrimSpace(string(out)), "\n") {
		res.Wrong[i].Has = l
		if w := res.Wrong[i]; w.Kind == Size {
			size[w.Claim], _ = strconv.ParseUint(l, 10, 64)
		}
	}
	res.grow(size)
	return nil
}
