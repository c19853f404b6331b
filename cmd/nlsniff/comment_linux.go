package main

import "github.com/spf13/pflag"

// comment is what somebody wrote of a capture, for its file.
type comment string

func (t *comment) add(fl *pflag.FlagSet) {
	fl.StringVar((*string)(t), "capture-comment", "", "write this `text` into the file as its comment")
}

// check refuses a comment without a pcapng file to put it into.
func (t comment) check(file bool) error {
	if t != "" && !file {
		return usagef("add -w FILE.pcapng", "--capture-comment needs a pcapng file")
	}
	return nil
}
