package tui

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/nlsniff/nlsniff/internal/outfile"
)

// Config is what a user can set for good, in config.json below
// $XDG_CONFIG_HOME/nlsniff. A missing file or member means the default.
type Config struct {
	Theme string `json:"theme,omitempty"` // auto, dark, light, contrast or none
	ASCII bool   `json:"ascii,omitempty"`
	Mouse *bool  `json:"mouse,omitempty"` // false leaves the mouse to the terminal
	Time  string `json:"time,omitempty"`  // as -t
	// Columns are those of views: messages, exchanges.
	Columns map[string][]string `json:"columns,omitempty"`
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

// LoadConfig reads the configuration. Its errors name the file and the place. A
// member that it does not know, as of another version, is a warning.
func LoadConfig(env func(string) string) (c Config, warning string, err error) {
	dir := configDir(env, "XDG_CONFIG_HOME", ".config")
	if dir == "" {
		return c, "", nil
	}
	path := filepath.Join(dir, "config.json")
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return c, "", nil
	}
	if err != nil {
		return c, "", err
	}
	defer f.Close()
	var raw json.RawMessage
	if err = json.NewDecoder(io.LimitReader(f, maxConfig)).Decode(&raw); err == nil {
		err = json.Unmarshal(raw, &c)
	}
	if err != nil {
		return Config{}, "", fmt.Errorf("%s: %w", path, err)
	}
	if list := unknownMembers[Config](raw); list != nil {
		warning = fmt.Sprintf("%s: %s is not known and does nothing; docs/tui.md has all settings", path, strings.Join(list, ", "))
	}
	if names := append([]string{"", "auto"}, themeNames...); !slices.Contains(names, c.Theme) {
		return Config{}, "", fmt.Errorf("%s: no theme %q; there are %s", path, c.Theme, strings.Join(names[1:], ", "))
	}
	if c.Time != "" && !slices.Contains(timeNames(), c.Time) {
		return Config{}, "", fmt.Errorf("%s: no time %q; there are %s", path, c.Time, strings.Join(timeNames(), ", "))
	}
	if _, wrong := columnsOfViews(c.Columns); wrong != "" {
		return Config{}, "", fmt.Errorf("%s: columns: %s", path, wrong)
	}
	return c, warning, nil
}

// columnsOfViews reads columns by the names of their views; wrong says what is not
// right, and what is right comes for all that.
func columnsOfViews(named map[string][]string) (of [numViews][]string, wrong string) {
	for _, name := range slices.Sorted(maps.Keys(named)) {
		v := slices.IndexFunc(viewNames[:], func(s string) bool { return strings.EqualFold(s, name) })
		if v < 0 || columnKinds[v] == nil {
			wrong = fmt.Sprintf("no view %q has any; messages and exchanges have", name)
			continue
		}
		if bad := wrongColumns(view(v), named[name]); bad != "" {
			wrong = name + ": " + bad
			continue
		}
		of[v] = named[name]
	}
	return of, wrong
}

// unknownMembers are those of an object that a T does not have.
func unknownMembers[T any](object []byte) (list []string) {
	var members map[string]json.RawMessage
	_ = json.Unmarshal(object, &members) // it was read before
	t := reflect.TypeFor[T]()
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		maps.DeleteFunc(members, func(k string, _ json.RawMessage) bool { return strings.EqualFold(k, name) })
	}
	for _, name := range slices.Sorted(maps.Keys(members)) {
		list = append(list, strconv.Quote(name))
	}
	return list
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
	// What was chosen with keys and commands; config.json comes first.
	Theme   string              `json:"theme,omitempty"`
	Time    string              `json:"time,omitempty"`
	Columns map[string][]string `json:"columns,omitempty"`
}

// maxConfig bounds the size of a file of settings, in bytes.
const maxConfig = 1 << 20

// maxHistory is how many filters are remembered.
const maxHistory = 100

// recollect reads what was remembered; what cannot be read is nothing, and a warning,
// as is what it does not know.
func recollect(path string) (r remembered, warning string) {
	r.Sizes = defaultSizes
	f, err := os.Open(path)
	if err != nil {
		return r, ""
	}
	defer f.Close()
	var raw json.RawMessage
	if err = json.NewDecoder(io.LimitReader(f, maxConfig)).Decode(&raw); err == nil {
		err = json.Unmarshal(raw, &r)
	}
	if err != nil {
		return remembered{Sizes: defaultSizes}, fmt.Sprintf("%s: %v: the layout is as it was at first", path, err)
	}
	var parts struct{ Sizes json.RawMessage }
	_ = json.Unmarshal(raw, &parts)
	if list := append(unknownMembers[remembered](raw), unknownMembers[sizes](parts.Sizes)...); list != nil {
		warning = fmt.Sprintf("%s: %s is not known and will be gone", path, strings.Join(list, ", "))
	}
	r.Filter = r.Filter[max(len(r.Filter)-maxHistory, 0):]
	s := &r.Sizes
	s.List, s.Detail = max(min(s.List, 85), 15), max(min(s.Detail, 80), 20)
	return r, warning
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
	_ = outfile.Replace(path, append(b, '\n'))
}
