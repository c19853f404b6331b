package main

import (
	"cmp"
	"io"
	"os"
	"strings"
	"time"

	"golang.org/x/term"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/families/ynl"
	"github.com/nlsniff/nlsniff/render"
)

// ynlSpecs is where distributions install the kernel's own descriptions.
const ynlSpecs = "/usr/share/ynl/specs"

// loadFamilies returns the embedded descriptions and those that the user hands
// in, which win. Warnings go to stderr.
func loadFamilies(specs []string, warn func(string)) (*families.DB, error) {
	db := families.Embedded()
	for _, path := range specs {
		list, warnings, err := ynl.LoadPath(path, db.Load)
		if err != nil {
			return nil, &hintError{err: err, hint: "--spec takes a .yaml or .spec file, or a folder of them"}
		}
		for _, w := range warnings {
			warn(w.String())
		}
		for _, f := range list {
			db.Add(f, false)
		}
	}
	if len(specs) == 0 {
		return db, fillFamilies(db)
	}
	return db, nil
}

// fillFamilies adds, when one is first asked for, families that only the
// system describes.
func fillFamilies(db *families.DB) error {
	if _, err := os.Stat(ynlSpecs); err != nil {
		return nil
	}
	db.OnMissing(func(name string) *families.Family {
		for _, ending := range []string{".yaml", ".yaml.gz"} {
			if f, _, err := ynl.ReadFile(ynlSpecs + "/" + name + ending); err == nil && f.Genl == name {
				return f
			}
		}
		return nil
	})
	return nil
}

// useColor decides whether a stream gets colour: what --color says, then
// NO_COLOR (https://no-color.org) and CLICOLOR_FORCE, then whether it is a
// terminal.
func useColor(mode string, out io.Writer) (bool, error) {
	switch mode {
	case "always":
		return true, nil
	case "never":
		return false, nil
	case "auto":
	default:
		return false, usagef("auto, always or never", "--color %s", mode)
	}
	if os.Getenv("NO_COLOR") != "" {
		return false, nil
	}
	if v := os.Getenv("CLICOLOR_FORCE"); v != "" && v != "0" {
		return true, nil
	}
	return isTerminal(out) && os.Getenv("TERM") != "dumb", nil
}

func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// longTimes are other names of time modes, which are not tshark's.
var longTimes = map[string]string{"absolute": "a", "relative": "r", "delta": "d", "epoch": "e"}

func timeMode(s string) (render.TimeMode, error) {
	if m, ok := render.TimeNamed(cmp.Or(longTimes[s], s)); ok {
		return m, nil
	}
	var list []string
	for _, t := range render.TimeModes {
		list = append(list, t.Name+" ("+t.Text+")")
	}
	return 0, usagef(strings.Join(list, ", "), "-t %s", s)
}

// timeNames are what -t takes, with what they mean.
func timeNames() (out []string) {
	for _, t := range render.TimeModes {
		out = append(out, t.Name+"\t"+t.Text)
	}
	return out
}

func byteOrder(s string) (dissect.OrderOption, error) {
	switch s {
	case "auto":
		return dissect.OrderAuto, nil
	case "little":
		return dissect.OrderLittle, nil
	case "big":
		return dissect.OrderBig, nil
	}
	return 0, usagef("auto, little or big", "--byte-order %s", s)
}

// fieldOptions reads tshark's -E options.
func fieldOptions(list []string) (o render.FieldOptions, header bool, err error) {
	o = render.FieldOptions{Separator: "\t", Aggregator: ",", Occurrence: 'a'}
	for _, s := range list {
		name, val, ok := strings.Cut(s, "=")
		bad := usagef("header=y|n, separator=/t|/s|CHAR, occurrence=f|l|a, aggregator=,|/s|CHAR, quote=d|s|n", "-E %s", s)
		if !ok || val == "" {
			return o, false, bad
		}
		switch name {
		case "header":
			header = val == "y"
		case "separator":
			o.Separator = separator(val)
		case "aggregator":
			o.Aggregator = separator(val)
		case "occurrence":
			if val != "f" && val != "l" && val != "a" {
				return o, false, bad
			}
			o.Occurrence = val[0]
		case "quote":
			q, known := map[string]string{"d": `"`, "s": "'", "n": ""}[val]
			if !known {
				return o, false, bad
			}
			o.Quote = q
		default:
			return o, false, bad
		}
	}
	return o, header, nil
}

func separator(s string) string {
	switch s {
	case "/t":
		return "\t"
	case "/s":
		return " "
	}
	return s
}

// location is the time zone of absolute times.
func location() *time.Location { return time.Local }
