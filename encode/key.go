package encode

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/internal/near"
)

// plainKey says whether a key of an object is no attribute.
func plainKey(key string) bool {
	switch key {
	case "raw", "repeated", "unknown", "trailing":
		return true
	}
	return false
}

// companion says whether a key says more about the one before it: "KEY_name",
// "KEY_value".
func companion(v *Value, key string, set *families.AttrSet) bool {
	for _, end := range [...]string{"_name", "_value"} {
		if base, ok := strings.CutSuffix(key, end); ok && v.Get(base) != nil && (set == nil || set.ByName(key) == nil) {
			return true
		}
	}
	return false
}

// keyField finds the attribute that a key names, by its name or its number.
func keyField(set *families.AttrSet, key string) (uint16, *families.Field, error) {
	if set != nil {
		if f := set.ByName(key); f != nil {
			return f.ID, f, nil
		}
	}
	if n, err := strconv.ParseUint(key, 10, 14); err == nil {
		if set != nil {
			return uint16(n), set.Field(uint16(n)), nil
		}
		return uint16(n), nil, nil
	}
	if set == nil {
		return 0, nil, fmt.Errorf("nobody described attributes here (hint: name them by their number)")
	}
	return 0, nil, fmt.Errorf("no attribute of %s%s", set.Name, similar(key, set))
}

// similar names attributes of a set that look like what was asked for, which may
// lack their prefix.
func similar(key string, set *families.AttrSet) string {
	want := strings.ToUpper(strings.ReplaceAll(key, "-", "_"))
	var all []string
	for _, f := range set.Fields {
		all = append(all, f.Name)
	}
	names := near.Names(want, all)
	if len(names) == 0 {
		names = near.Names(set.Prefix+want, all)
	}
	if len(names) == 0 {
		const most = 8
		if names = all; len(names) > most {
			names = append(names[:most:most], "…")
		}
	}
	return " (hint: " + strings.Join(names, ", ") + ")"
}
