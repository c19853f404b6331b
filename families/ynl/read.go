// Package ynl reads the kernel's YAML netlink specs (YNL) into nlsniff's own
// description model. It accepts what the four schemas of the kernel's
// Documentation/netlink/ allow, whichever of them a file states.
//
// Stability: v0, a part of nlsniff's own; it may change in any version.
package ynl

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/nlsniff/nlsniff/families"
)

// maxFile bounds a file once it is decompressed. The parser needs a hundred
// times as much memory; the largest upstream spec has 80 kB.
const maxFile = 4 << 20

// reader holds what is known of one file while it is read.
type reader struct {
	file   string
	fam    *families.Family
	errs   []*Error
	warns  []Warning
	visits int

	consts  map[string]*constant
	enums   map[string]*enumDef
	structs map[string]*structDef
	sets    map[string]*setDef
	subs    map[string]*subDef
	ops     []*op
	opNames map[string]*op
	model   opModel
}

// Read reads one spec. name stands for it in messages. The error is one or
// several *Error, joined.
func Read(name string, in io.Reader) (*families.Family, []Warning, error) {
	text, err := io.ReadAll(io.LimitReader(in, maxFile+1))
	if err != nil {
		return nil, nil, &Error{File: name, Text: err.Error()}
	}
	if len(text) > maxFile {
		return nil, nil, &Error{File: name, Text: fmt.Sprintf("larger than %d MiB", maxFile>>20)}
	}
	r := &reader{
		file: name, fam: families.NewFamily(),
		consts: map[string]*constant{}, enums: map[string]*enumDef{}, structs: map[string]*structDef{},
		sets: map[string]*setDef{}, subs: map[string]*subDef{}, opNames: map[string]*op{},
	}
	r.fam.Origin = name
	var doc yaml.Node
	dec := yaml.NewDecoder(bytes.NewReader(text))
	if err := dec.Decode(&doc); err != nil {
		if err == io.EOF {
			return nil, nil, &Error{File: name, Text: "empty"}
		}
		return nil, nil, syntaxError(name, err)
	}
	r.family(&doc)
	sortWarnings(r.warns)
	if len(r.errs) == 0 {
		if err := r.fam.Link(); err != nil {
			r.errs = append(r.errs, &Error{File: name, Text: err.Error()})
		}
	}
	if err := joined(r.errs); err != nil {
		return nil, r.warns, err
	}
	return r.fam, r.warns, nil
}

// ReadFile reads one file; if its name ends in .gz, it is compressed.
func ReadFile(path string) (*families.Family, []Warning, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	if st, err := f.Stat(); err == nil && st.IsDir() {
		return nil, nil, &Error{File: path, Text: "is a directory"}
	}
	name := filepath.Base(path)
	if !strings.HasSuffix(path, ".gz") {
		return Read(name, f)
	}
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, nil, &Error{File: name, Text: err.Error()}
	}
	return Read(name, z)
}

// errorf notes a mistake at n. What follows from a mistake at the same place is
// left out.
func (r *reader) errorf(n *yaml.Node, format string, args ...any) {
	if k := len(r.errs); k > 0 && r.errs[k-1].Line == n.Line && r.errs[k-1].Column == n.Column {
		return
	}
	if len(r.errs) < maxErrors {
		r.errs = append(r.errs, &Error{r.file, n.Line, n.Column, fmt.Sprintf(format, args...)})
	}
}

func (r *reader) warnf(n *yaml.Node, format string, args ...any) {
	if len(r.warns) < maxWarnings {
		r.warns = append(r.warns, Warning{r.file, n.Line, n.Column, fmt.Sprintf(format, args...)})
	}
}
