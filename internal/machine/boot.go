package machine

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

const (
	// QEMU is the program that runs machines.
	QEMU = "qemu-system-x86_64"
	// Path is where a machine looks for programs: the host's.
	Path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
	// OutDir is where a machine sees the host's folder for results.
	OutDir = "/run/out"
	// consoleLines is how much of the console an error shows, where the kernel
	// does not tell of its trouble.
	consoleLines = 40
)

// Command is what a machine runs, as root.
type Command struct {
	Args    []string // the program and its arguments; paths are the host's
	Dir     string   // where it starts; a path of the host
	Env     []string // beside PATH, HOME, TMPDIR and LANG
	Modules []string // loaded before; parameters may follow a name: "mac80211_hwsim radios=3"
	Out     string   // folder of the host that the machine sees as /run/out
	Memory  int      // of the machine, in MiB; 0: 1024
	// Counted has the machine's clock count its instructions, 4 ns each, and not follow
	// that of the host: what is measured in it does not depend on what else the
	// host does. It has one processor then.
	Counted bool
	// Say, if set, is told of starts that failed and are tried again.
	Say func(string)
}

// tries is how often a machine is started that does not come up. An emulated
// processor that is not there when the other one expects it makes early code of
// the kernel panic now and then: where code is patched (an int3 that nobody
// owns), or where the timer is tried. That says nothing of the command.
const tries = 3

const (
	// comeUp is how long a kernel may take to its init; on busy processors it
	// has taken 40 s. One that takes longer hangs.
	comeUp = 2 * time.Minute
	// upFile is what init leaves beside the results when it begins.
	upFile = ".up"
)

// Boot starts a machine with a kernel, runs a command in it, and returns the
// command's exit status when the machine is off. What the command prints goes
// to w as it comes. The machine sees all files of the host that the caller may
// read; what it writes is lost, but for what it writes to /run/out.
//
// An error means that the command did not end by itself: the machine did not
// start, crashed, or ctx ended. It holds the end of the console.
func Boot(ctx context.Context, k *Kernel, c Command, w io.Writer) (status int, err error) {
	for try := 1; ; try++ {
		said := &counter{w: w}
		up, cancel := context.WithCancelCause(ctx)
		watch := time.AfterFunc(comeUp, func() {
			if _, err := os.Stat(filepath.Join(c.Out, upFile)); err != nil {
				cancel(fmt.Errorf("the kernel did not come to its init within %v", comeUp))
			}
		})
		status, err = boot(up, k, c, said)
		watch.Stop()
		cancel(nil)
		os.Remove(filepath.Join(c.Out, upFile))
		if err == nil || said.n > 0 || ctx.Err() != nil || try == tries {
			return status, err
		}
		if c.Say != nil {
			c.Say(fmt.Sprintf("once more, as the machine did not come up: %v", err))
		}
	}
}

// counter counts what is written through it.
type counter struct {
	w io.Writer
	n int
}

func (c *counter) Write(p []byte) (int, error) {
	c.n += len(p)
	return c.w.Write(p)
}

// boot is Boot, once.
func boot(ctx context.Context, k *Kernel, c Command, w io.Writer) (status int, err error) {
	tmp, err := os.MkdirTemp("", "vmtest")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(tmp)
	archive, err := initramfs(k, script(c))
	if err != nil {
		return 0, err
	}
	initrd, console := filepath.Join(tmp, "initrd"), filepath.Join(tmp, "console")
	if err := os.WriteFile(initrd, archive, 0o600); err != nil {
		return 0, err
	}
	r, port, err := os.Pipe()
	if err != nil {
		return 0, err
	}
	defer r.Close()

	memory := c.Memory
	if memory == 0 {
		memory = 1024
	}
	share := func(tag, path, more string) string {
		// A comma in an option's value is written twice.
		return "local,mount_tag=" + tag + ",path=" + strings.ReplaceAll(path, ",", ",,") + ",security_model=none,multidevs=remap" + more
	}
	accel, processors := "tcg,thread=multi", "2"
	var clock []string
	if c.Counted {
		// With two, the clock of each would go on with what the other executes.
		accel, processors, clock = "tcg,thread=single", "1", []string{"-icount", "shift=2,sleep=off"}
	}
	cmd := exec.CommandContext(ctx, QEMU, append(clock,
		"-nodefaults", "-no-user-config", "-display", "none", "-no-reboot",
		// Without acceleration: few CI machines have it, and it works the same
		// everywhere.
		"-accel", accel, "-cpu", "max", "-smp", processors, "-m", strconv.Itoa(memory),
		"-kernel", k.Image, "-initrd", initrd,
		"-append", "console=ttyS0 panic=-1 no_timer_check loglevel=5 mitigations=off sysrq_always_enabled",
		"-monitor", "stdio",
		"-serial", "file:"+console,
		"-device", "virtio-serial-pci", "-chardev", "file,id=out,path=/dev/fd/3", "-device", "virtserialport,chardev=out",
		"-virtfs", share("root", "/", ",readonly=on"),
		"-virtfs", share("out", c.Out, ""))...)
	var complaint, registers bytes.Buffer
	cmd.Stdout, cmd.Stderr = &registers, &complaint
	monitor, err := cmd.StdinPipe()
	if err != nil {
		return 0, err
	}
	cmd.Cancel = func() error {
		ask(monitor, console)
		return cmd.Process.Kill()
	}
	cmd.ExtraFiles = []*os.File{port} // its descriptor 3
	endWithUs(cmd)
	err = cmd.Start()
	port.Close()
	if err != nil {
		return 0, err
	}
	_, copyErr := io.Copy(w, r)
	if copyErr != nil {
		cmd.Process.Kill() // it would wait for somebody to read
	}
	err = cmd.Wait()

	statusFile := filepath.Join(c.Out, ".status")
	text, noStatus := os.ReadFile(statusFile)
	os.Remove(statusFile)
	switch {
	case ctx.Err() != nil:
		err = fmt.Errorf("the machine was still running: %w\n%s", context.Cause(ctx), pointers(registers.String()))
	case err != nil:
		err = fmt.Errorf("%s: %w\n%s", QEMU, err, complaint.Bytes())
	case copyErr != nil:
		err = copyErr
	case noStatus != nil:
		err = errors.New("the machine went off before the command had ended")
	default:
		return strconv.Atoi(strings.TrimSpace(string(text)))
	}
	return 0, fmt.Errorf("kernel %s: %w\n%s", k.Release, err, tail(console))
}

// script is the shell command that process 1 becomes.
func script(c Command) string {
	var s strings.Builder
	env := append([]string{
		"PATH=" + Path,
		"HOME=/root", "TMPDIR=/run/tmp", "LANG=C.UTF-8",
	}, c.Env...)
	for _, e := range env {
		name, value, _ := strings.Cut(e, "=")
		fmt.Fprintf(&s, "export %s=%s\n", name, quote(value))
	}
	for _, m := range c.Modules {
		fmt.Fprintf(&s, "modprobe %s || echo vmtest: no module %s\n", m, quote(m))
	}
	if c.Dir != "" {
		fmt.Fprintf(&s, "cd %s\n", quote(c.Dir))
	}
	for _, a := range c.Args {
		s.WriteString(quote(a) + " ")
	}
	fmt.Fprintf(&s, "\necho $? > %s/.status\necho o > /proc/sysrq-trigger\nsleep 60 > /dev/null 2>&1\n", OutDir)
	return s.String()
}

// quote returns a word that a shell takes as it is.
func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
