package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/nlsniff/nlsniff/filter"
	"github.com/nlsniff/nlsniff/render"
)

// colorRules reads the colouring rules: those of --color-rules, else those in
// the user's configuration, else ours. It returns nil for none.
func colorRules(name string, env *filter.Env) (*filter.Rules, error) {
	text := filter.DefaultRules
	switch name {
	case "none":
		return nil, nil
	case "default":
		name = "the default rules"
	case "":
		name = "the default rules"
		dir, err := os.UserConfigDir()
		if err != nil {
			break
		}
		own := filepath.Join(dir, "nlsniff", "colors.rules")
		b, err := os.ReadFile(own)
		switch {
		case err == nil:
			name, text = own, string(b)
		case !errors.Is(err, os.ErrNotExist):
			return nil, &hintError{err, "--color-rules default does without the file"}
		}
	default:
		b, err := os.ReadFile(name)
		if err != nil {
			return nil, &hintError{err, "--color-rules takes a file, default or none"}
		}
		text = string(b)
	}
	rules, err := filter.ParseRules(text, env)
	if err == nil {
		return rules, nil
	}
	hint := "docs/filter.md describes colouring rules"
	var mistake *filter.Error
	if errors.As(err, &mistake) && mistake.Hint != "" {
		hint = mistake.Hint
	}
	var line *filter.RuleError
	if errors.As(err, &line) {
		err = fmt.Errorf("%s:%d: %w", name, line.Line, err)
	}
	return nil, &hintError{err, hint}
}

// paint sets up colouring rules, if there is colour.
func (r *reader) paint(opt render.Options) error {
	f := r.flags
	if f.format != "text" || !opt.Color && f.colorRules == "" {
		return nil
	}
	var err error
	r.rules, err = colorRules(f.colorRules, filterEnv(r.db, f.secrets))
	return err
}

// painted gives one printer's options rules of its own.
func (r *reader) painted(opt render.Options) render.Options {
	if r.rules != nil && opt.Color {
		opt.Paint = r.rules.Painter().SGR
	}
	return opt
}
