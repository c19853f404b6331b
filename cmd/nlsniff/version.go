package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/nlsniff/nlsniff/families"
)

// version says what this program was built from, and what it describes.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		info = &debug.BuildInfo{}
	}
	return versionOf(info)
}

func versionOf(info *debug.BuildInfo) string {
	v := info.Main.Version
	if v == "" || v == "(devel)" {
		v = "devel"
	}
	var commit, changed string
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			commit = s.Value[:min(len(s.Value), 12)]
		case s.Key == "vcs.modified" && s.Value == "true":
			changed = ", changed since"
		}
	}
	parts := []string{"nlsniff " + v}
	if commit != "" && !strings.Contains(v, commit) {
		parts = append(parts, "commit "+commit+changed)
	}
	return strings.Join(append(parts, runtime.Version()+" "+runtime.GOOS+"/"+runtime.GOARCH, fmt.Sprint("describes Linux ", families.KernelVersion)), "\n")
}
