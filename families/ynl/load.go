package ynl

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/nlsniff/nlsniff/families"
)

// isYNL says whether a file is one by its name.
func isYNL(name string) bool {
	name = strings.TrimSuffix(name, ".gz")
	return strings.HasSuffix(name, ".yaml") || strings.HasSuffix(name, ".yml")
}

// ReadDir reads every .yaml and .yaml.gz in a folder, but not in the folders
// below it. What can be read is returned even if there is an error, which then
// joins those of all files.
func ReadDir(path string) ([]*families.Family, []Warning, error) {
	return walk(path, isYNL, ReadFile)
}

type readFunc func(path string) (*families.Family, []Warning, error)

func walk(dir string, want func(string) bool, read readFunc) ([]*families.Family, []Warning, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, nil, err
	}
	var (
		out   []*families.Family
		warns []Warning
		errs  []error
		found bool
	)
	for _, e := range entries {
		if e.IsDir() || !want(e.Name()) {
			continue
		}
		found = true
		f, w, err := read(filepath.Join(dir, e.Name()))
		warns = append(warns, w...)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		out = append(out, f)
	}
	if !found {
		errs = append(errs, fmt.Errorf("%s: no descriptions there", dir))
	}
	return out, warns, errors.Join(errs...)
}

// LoadPath reads what a user hands in: a YNL file, a description in nlsniff's
// own language (.spec), or a folder of either. load finds the descriptions
// that a .spec uses; those beside it come first.
func LoadPath(path string, load func(name string) (*families.Family, error)) ([]*families.Family, []Warning, error) {
	st, err := os.Stat(path)
	if err != nil {
		return nil, nil, err
	}
	if st.IsDir() {
		s := &specs{dir: path, load: load, busy: map[string]bool{}, done: map[string]*families.Family{}}
		return walk(path, func(n string) bool { return isYNL(n) || isSpec(n) }, s.read)
	}
	s := &specs{load: load, busy: map[string]bool{}, done: map[string]*families.Family{}}
	f, w, err := s.read(path)
	if err != nil {
		return nil, w, err
	}
	return []*families.Family{f}, w, nil
}

func isSpec(name string) bool { return strings.HasSuffix(name, ".spec") }

// specs reads descriptions in nlsniff's own language, which may use one
// another's names.
type specs struct {
	dir  string // where to look for what one uses; none if empty
	load func(name string) (*families.Family, error)
	busy map[string]bool
	done map[string]*families.Family
}

func (s *specs) read(path string) (*families.Family, []Warning, error) {
	if !isSpec(path) {
		return ReadFile(path)
	}
	f, err := s.spec(path)
	return f, nil, err
}

func (s *specs) spec(path string) (*families.Family, error) {
	if f := s.done[path]; f != nil {
		return f, nil
	}
	if s.busy[path] {
		return nil, fmt.Errorf("%s uses itself", path)
	}
	s.busy[path] = true
	defer delete(s.busy, path)
	st, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if st.Size() > maxFile {
		return nil, &Error{File: path, Text: fmt.Sprintf("larger than %d MiB", maxFile>>20)}
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	f, err := families.ParseSpec(filepath.Base(path), string(text), s.find)
	if err == nil {
		s.done[path] = f
	}
	return f, err
}

// find looks for a description beside the one that uses it, then elsewhere.
func (s *specs) find(name string) (*families.Family, error) {
	if s.dir != "" && filepath.Base(name) == name {
		path := filepath.Join(s.dir, name+".spec")
		if _, err := os.Stat(path); err == nil {
			return s.spec(path)
		}
	}
	return s.load(name)
}
