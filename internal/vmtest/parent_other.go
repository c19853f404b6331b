//go:build !linux

package vmtest

import "os/exec"

func endWithUs(*exec.Cmd) {}
