package main

import (
	"strings"
	"testing"
)

func TestRun(t *testing.T) {
	var b strings.Builder
	if err := run(&b, "2400000028000100010000000000000001010000"+"0800010046000000"+"0500020001000000"); err != nil {
		t.Fatal(err)
	}
	if b.String() != "LAMP_CMD_SET 70 LAMP_MODE_BLINK\n" {
		t.Error(b.String())
	}
	if err := run(&b, "no hex"); err == nil {
		t.Error("no error")
	}
}
