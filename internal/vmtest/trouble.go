package vmtest

import (
	"io"
	"os"
	"regexp"
	"strings"
	"time"
)

// ask has a machine that hangs say on its console what each processor does and
// which tasks wait, and in its monitor where each processor is. The first needs
// a kernel that still takes interrupts, the second does not.
func ask(monitor io.Writer) {
	// 9: the console shows everything; l: stacks of the processors; w: tasks
	// that wait for the kernel. Documentation/admin-guide/sysrq.rst.
	for _, line := range []string{"info registers -a", "sendkey alt-sysrq-9", "sendkey alt-sysrq-l", "sendkey alt-sysrq-w"} {
		if _, err := io.WriteString(monitor, line+"\n"); err != nil {
			return
		}
		// A key is held for a tenth of a second, in the machine's time.
		time.Sleep(500 * time.Millisecond)
	}
	time.Sleep(2 * time.Second) // the console is a serial line
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
