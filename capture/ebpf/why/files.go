package why

import (
	_ "embed"
	"path/filepath"
	"strings"
	"sync"

	"github.com/klauspost/compress/zstd"
)

// The table of which file of the kernel's source has which function. BTF does
// not say it.
//
//go:embed files.txt.zst
var filesTable []byte

// functionFiles unpacks the table: the files of each function.
var functionFiles = sync.OnceValue(func() map[string][]string {
	r, err := zstd.NewReader(nil)
	if err != nil {
		return nil
	}
	defer r.Close()
	text, err := r.DecodeAll(filesTable, nil)
	if err != nil {
		return nil
	}
	all := map[string][]string{}
	for line := range strings.Lines(string(text)) {
		file, names, _ := strings.Cut(strings.TrimSpace(line), " ")
		for _, name := range strings.Fields(names) {
			all[name] = append(all[name], file)
		}
	}
	return all
})

// sourceFile is the file of a function in the kernel's source, "" if the table
// does not have it, or has it in several files of which the module fits none or
// more than one.
func sourceFile(s Step) string {
	list := functionFiles()[s.Function]
	if len(list) == 1 {
		return list[0]
	}
	fits := ""
	for _, file := range list {
		base := strings.TrimSuffix(filepath.Base(file), ".c")
		dir := filepath.Base(filepath.Dir(file))
		if s.Module != "" && (strings.ReplaceAll(base, "-", "_") == s.Module || dir == s.Module) {
			if fits != "" {
				return ""
			}
			fits = file
		}
	}
	return fits
}
