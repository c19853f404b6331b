package export

import (
	"embed"
	"io/fs"
)

// runtimes are what every program has, beside what is of its capture: for each
// language some files, to follow each other as their names do.
//
//go:embed runtime
var runtimes embed.FS

// runtimeOf is that of a language, file by file.
func runtimeOf(language string) []string {
	dir := "runtime/" + language
	list, _ := fs.ReadDir(runtimes, dir)
	var out []string
	for _, f := range list {
		b, _ := fs.ReadFile(runtimes, dir+"/"+f.Name())
		out = append(out, string(b))
	}
	return out
}
