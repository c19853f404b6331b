package main

import (
	"errors"
	"io"
	"strings"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/capture/pcapng"
	"github.com/nlsniff/nlsniff/internal/outfile"
	"github.com/nlsniff/nlsniff/replay"
)

// Exit codes of a replay, which are its own: a script that bisects kernels must
// not take a machine that did not start (1, as of most programs) for a
// difference.
const (
	exitDiffers       = 3
	exitReplayTrouble = 1
)

// replayCode gives an error of a replay its exit code.
func replayCode(err error) error {
	var ended exitCode
	var mistake interface{ Caret() string }
	switch {
	case err == nil, errors.As(err, &ended), errors.As(err, &mistake):
		return err
	}
	return &commandError{err, exitReplayTrouble}
}

// reports prints what was found in the places of one run.
func (r *replaying) reports(list []*replay.Report) {
	switch {
	case r.flags.format == "json":
		for _, rep := range list {
			replay.WriteJSON(r.out, rep)
		}
	case len(list) == 1:
		replay.WriteText(r.out, list[0], r.flags.verbose)
	default:
		replay.WriteKernels(r.out, list, r.flags.verbose)
	}
}

// save writes the frames of a run, a file a place.
func (r *replaying) save(results []*replay.Result) error {
	for i, res := range results {
		if r.flags.write != "" {
			if err := writeFrames(r.flags.writeTo(i+1), res); err != nil {
				return err
			}
		}
	}
	return nil
}

func writeFrames(path string, res *replay.Result) (err error) {
	file, err := outfile.Create(path, true)
	if err != nil {
		return err
	}
	defer func() {
		if err == nil {
			err = file.Publish()
		}
		if e := file.Close(); err == nil {
			err = e
		}
	}()
	w := pcapng.NewWriter(file, pcapng.Section{OS: "Linux " + res.Kernel.Release, Hardware: res.Kernel.Machine})
	src := res.Source()
	for {
		var x capture.Frame
		if err := src.Next(&x); errors.Is(err, io.EOF) {
			return w.Close()
		} else if err != nil {
			return err
		}
		if err := w.Write(&x); err != nil {
			return err
		}
	}
}

// replayError gives the errors of running a plan their hints.
func replayError(err error) error {
	switch {
	case errors.Is(err, replay.ErrNoNamespace):
		return &hintError{err: err, hint: "sysctl kernel.unprivileged_userns_clone or user.max_user_namespaces forbids it, or AppArmor: run as root, with --netns, or with --kernel"}
	case errors.Is(err, replay.ErrNoMachine):
		return &hintError{err: err, hint: "apt install qemu-system-x86 busybox-static, and a kernel: linux-image-VERSION, or its vmlinuz and /lib/modules"}
	case strings.HasPrefix(err.Error(), "network namespace "):
		return &hintError{err: err, hint: "ip netns lists them; entering one takes root"}
	}
	return err
}
