//go:build !linux

package outfile

import "io/fs"

func rename(from, to string) error { return link(from, to) }

func replace(from, to string, was fs.FileInfo) error { return exchange(from, to, was) }

func hold(string) func() { return func() {} }
