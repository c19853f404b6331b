package tui

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

func environment(values map[string]string) func(string) string {
	return func(name string) string { return values[name] }
}

func TestConfig(t *testing.T) {
	no := false
	for text, want := range map[string]struct {
		config  Config
		err     string
		warning string
	}{
		``:                               {err: "EOF"},
		`{}`:                             {},
		`{"theme":"light","ascii":true}`: {config: Config{Theme: "light", ASCII: true}},
		`{"mouse":false,"time":"r"}`:     {config: Config{Mouse: &no, Time: "r"}},
		`{"theme":"pink"}`:               {err: `no theme "pink"; there are auto, dark, light, contrast, ansi, none`},
		`{"colour":"pink","theme":"dark","\u001b":1}`: {config: Config{Theme: "dark"}, warning: `config.json: "\x1b", "colour" is not known`},
		`{"THEME":"dark"}`:                            {config: Config{Theme: "dark"}},
		`{"columns":{"messages":["seq","frame"]}}`:    {config: Config{Columns: map[string][]string{"messages": {"seq", "frame"}}}},
		`{"columns":{"messages":["sec"]}}`:            {err: "columns: messages: no column sec; there are frame, time"},
		`{"columns":{"findings":["seq"]}}`:            {err: `no view "findings" has any`},
		`[1]`:                                         {err: "config.json"},
		`{"time":"ar"}`:                               {err: "there are a, ad, adoy"},
		`{"theme":"dark"` + "\x1b[31m" + `}`:          {err: "config.json"},
	} {
		dir := t.TempDir()
		os.MkdirAll(filepath.Join(dir, "nlsniff"), 0o755)
		if err := os.WriteFile(filepath.Join(dir, "nlsniff/config.json"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		got, warning, err := LoadConfig(environment(map[string]string{"XDG_CONFIG_HOME": dir}))
		switch {
		case (warning == "") != (want.warning == "") || !strings.Contains(warning, want.warning):
			t.Errorf("%s: warning %q, want %q", text, warning, want.warning)
		case want.err == "" && err != nil, want.err != "" && (err == nil || !strings.Contains(err.Error(), want.err)):
			t.Errorf("%s: error %v, want %q", text, err, want.err)
		case !reflect.DeepEqual(got, want.config):
			t.Errorf("%s: %+v, want %+v", text, got, want.config)
		}
	}
	if _, _, err := LoadConfig(environment(map[string]string{"HOME": t.TempDir()})); err != nil {
		t.Errorf("without a file: %v", err)
	}
	if _, _, err := LoadConfig(environment(nil)); err != nil {
		t.Errorf("without a home: %v", err)
	}
}

// TestRemembered: sizes and filters are there again in the next run, and a
// damaged file does no harm.
func TestRemembered(t *testing.T) {
	env := environment(map[string]string{"HOME": t.TempDir(), "XDG_STATE_HOME": "relative/is/ignored"})
	path := layoutFile(env)
	if !strings.HasSuffix(path, ".local/state/nlsniff/layout.json") {
		t.Fatal(path)
	}
	u := sit(t, tour(), 120, 40).press("-", "-", "x").press("\\").types("pid == 902").press("enter").settle()
	remember(path, u.m.remembered())
	r, warning := recollect(path)
	if warning != "" {
		t.Error(warning)
	}
	if r.Sizes != u.m.sizes || len(r.Filter) != 1 || r.Filter[0] != "pid == 902" || !r.Sizes.Hidden[paneBytes] {
		t.Errorf("%+v", r)
	}
	for bad, want := range map[string]string{
		"": "EOF", "{": "EOF", `{"sizes":{"list":-5,"detail":4000}}`: "", `{"sizes":{"list":"a"}}`: "cannot unmarshal",
		`{"sizes":{"list":50,"wide":1},"mood":"good"}`: `layout.json: "mood", "wide" is not known`,
	} {
		if err := os.WriteFile(path, []byte(bad), 0o600); err != nil {
			t.Fatal(err)
		}
		r, warning := recollect(path)
		if !strings.Contains(warning, want) || (warning == "") != (want == "") {
			t.Errorf("%s: warning %q, want %q", bad, warning, want)
		}
		if r.Sizes.List < 15 || r.Sizes.List > 85 || r.Sizes.Detail < 20 || r.Sizes.Detail > 80 {
			t.Errorf("%s: %+v", bad, r)
		}
	}
}
