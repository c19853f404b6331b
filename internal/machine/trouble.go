package machine

import (
	"io"
	"os"
	"regexp"
	"strings"
	"time"
)

// ask has a machine that hangs say in its monitor where each processor is, and
// on its console what each does and which tasks wait. The second needs a kernel
// that still takes interrupts; the first does not.
func ask(monitor io.Writer, console string) {
	if _, err := io.WriteString(monitor, "info registers -a\n"); err != nil {
		return
	}
	// 9: the console shows everything; l: stacks of the processors; w: tasks
	// that wait for the kernel. Documentation/admin-guide/sysrq.rst.
	for _, k := range []struct{ key, answer string }{
		{"9", "sysrq: Changing Loglevel"}, {"l", "sysrq: Show backtrace"}, {"w", "sysrq: Show Blocked State"},
	} {
		if _, err := io.WriteString(monitor, "sendkey alt-sysrq-"+k.key+"\n"); err != nil || !says(console, k.answer) {
			return
		}
	}
	time.Sleep(time.Second) // what the last one has to list
}

// patience is how long a machine has to react to a key.
const patience = 10 * time.Second

// says waits until the console's file has a text.
func says(console, what string) bool {
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if text, err := os.ReadFile(console); err == nil && strings.Contains(string(text), what) {
			return true
		}
	}
	return false
}

var (
	reProcessor = regexp.MustCompile(`CPU#\d+|RIP=[0-9a-f]+|CPL=\d|HLT=\d`)
	// reTrouble is where the kernel begins to tell what went wrong with it.
	reTrouble = regexp.MustCompile(`Kernel panic|BUG: |Oops: |general protection fault|sysrq: Show backtrace`)
)

// pointers returns what matters of the monitor's list of registers: where each
// processor is, in which mode, and whether it sleeps.
func pointers(registers string) string {
	return strings.ReplaceAll(strings.Join(reProcessor.FindAllString(registers, -1), " "), " CPU#", "\nCPU#")
}

// tail returns what a console's file says of a trouble, or its last lines.
func tail(path string) string {
	data, err := os.ReadFile(path)
	if err != nil || len(data) == 0 {
		return "the console is empty"
	}
	text := strings.TrimRight(strings.ReplaceAll(string(data), "\r", ""), "\n")
	if at := reTrouble.FindStringIndex(text); at != nil {
		return "the console, since it went wrong:\n" + text[strings.LastIndexByte(text[:at[0]], '\n')+1:]
	}
	lines := strings.Split(text, "\n")
	return "the console's end:\n" + strings.Join(lines[max(0, len(lines)-consoleLines):], "\n")
}
