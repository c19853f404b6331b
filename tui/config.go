package tui

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Config is what a user can set for good, in config.json below
// $XDG_CONFIG_HOME/nlsniff. A missing file or member means the default.
type Config struct {
	Theme string `json:"theme,omitempty"` // auto, dark, light, contrast or none
	ASCII bool   `json:"ascii,omitempty"`
	Mouse *bool  `json:"mouse,omitempty"` // false leaves the mouse to the terminal
	Time  string `json:"time,omitempty"`  // a, r, d or e, as -t
}

// configDir is the folder of a kind of the user's files
// (https://specifications.freedesktop.org/basedir-spec).
func configDir(env func(string) string, variable, fallback string) string {
	dir := env(variable)
	if !filepath.IsAbs(dir) { // the specification has relative ones ignored
		home := env("HOME")
		if home == "" {
			return ""
		}
		dir = filepath.Join(home, fallback)
	}
	return filepath.Join(dir, "nlsniff")
}

// LoadConfig reads the configuration. Its errors name the file and the place.
func LoadConfig(env func(string) string) (c Config, err error) {
	dir := configDir(env, "XDG_CONFIG_HOME", ".config")
	if dir == "" {
		return c, nil
	}
	path := filepath.Join(dir, "config.json")
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return c, nil
	}
	if err != nil {
		return c, err
	}
	defer f.Close()
	d := json.NewDecoder(f)
	d.DisallowUnknownFields()
	if err := d.Decode(&c); err != nil {
		return Config{}, fmt.Errorf("%s: %w", path, err)
	}
	if names := append([]string{"", "auto"}, themeNames...); !slices.Contains(names, c.Theme) {
		return Config{}, fmt.Errorf("%s: no theme %q; there are %s", path, c.Theme, strings.Join(names[1:], ", "))
	}
	if c.Time != "" && !strings.Contains("arde", c.Time) || len(c.Time) > 1 {
		return Config{}, fmt.Errorf("%s: time %q is not a, r, d or e", path, c.Time)
	}
	return c, nil
}

// layoutFile is where the layout is remembered.
func layoutFile(env func(string) string) string {
	dir := configDir(env, "XDG_STATE_HOME", ".local/state")
	if dir == "" {
		return ""
	}
	return filepath.Join(dir, "layout.json")
}

// remembered is what is remembered from one run to the next.
type remembered struct {
	Sizes  sizes    `json:"sizes"`
	Filter []string `json:"filters,omitempty"` // that were typed, the latest last
}

// maxHistory is how many filters are remembered.
const maxHistory = 100

// recollect reads what was remembered; what cannot be read is nothing.
func recollect(path string) (r remembered) {
	r.Sizes = defaultSizes
	b, err := os.ReadFile(path)
	if path == "" || err != nil || json.Unmarshal(b, &r) != nil {
		return remembered{Sizes: defaultSizes}
	}
	s := &r.Sizes
	s.List, s.Detail = max(min(s.List, 85), 15), max(min(s.Detail, 80), 20)
	return r
}

// remember writes what the next run is to know. That it cannot is no reason to
// complain on the way out.
func remember(path string, r remembered) {
	if path == "" || os.MkdirAll(filepath.Dir(path), 0o700) != nil {
		return
	}
	if len(r.Filter) > maxHistory {
		r.Filter = r.Filter[len(r.Filter)-maxHistory:]
	}
	b, err := json.Marshal(r)
	if err != nil {
		return
	}
	tmp := path + ".new"
	if os.WriteFile(tmp, append(b, '\n'), 0o600) == nil {
		_ = os.Rename(tmp, path)
	}
}
