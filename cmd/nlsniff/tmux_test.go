package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nlsniff/nlsniff/internal/need"
)

// tmuxTerm is a real one, in tmux, in which a shell runs the program.
type tmuxTerm struct {
	*testing.T
	tmux, socket string
}

// open runs a command line in a terminal of a size.
func openTerminal(t *testing.T, w, h int, env, line string) *tmuxTerm {
	t.Helper()
	x := &tmuxTerm{t, need.Tool(t, "tmux"), filepath.Join(t.TempDir(), "tmux")}
	bin, err := exec.LookPath("nlsniff")
	if err != nil {
		t.Fatal(err)
	}
	script := fmt.Sprintf("PATH=%s:$PATH; stty -a > %s/before; %s %s; code=$?; stty -a > %[2]s/after; echo exit $code; cat",
		filepath.Dir(bin), filepath.Dir(x.socket), env, line)
	cmd := exec.Command(x.tmux, "-S", x.socket, "-f", "/dev/null", "new-session", "-d", "-x", fmt.Sprint(w), "-y", fmt.Sprint(h), "sh", "-c", script)
	cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8", "TERM=xterm-256color", "TZ=UTC", "XDG_CONFIG_HOME="+t.TempDir())
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("tmux: %v: %s", err, out)
	}
	t.Cleanup(func() { exec.Command(x.tmux, "-S", x.socket, "kill-server").Run() })
	return x
}

func (x *tmuxTerm) run(args ...string) string {
	x.Helper()
	out, err := exec.Command(x.tmux, append([]string{"-S", x.socket}, args...)...).CombinedOutput()
	if err != nil {
		x.Fatalf("tmux %v: %v: %s", args, err, out)
	}
	return string(out)
}

func (x *tmuxTerm) press(keys ...string) *tmuxTerm {
	x.Helper()
	for _, k := range keys {
		x.run("send-keys", k)
	}
	return x
}

func (x *tmuxTerm) types(text string) *tmuxTerm {
	x.Helper()
	x.run("send-keys", "-l", text)
	return x
}

func (x *tmuxTerm) screen() string { return x.run("capture-pane", "-p") }

// sees waits until all texts are on the screen.
func (x *tmuxTerm) sees(texts ...string) *tmuxTerm {
	x.Helper()
	screen := ""
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		screen = x.screen()
		missing := false
		for _, text := range texts {
			missing = missing || !strings.Contains(screen, text)
		}
		if !missing {
			return x
		}
	}
	x.Fatalf("%q is not on the screen:\n%s", texts, screen)
	return x
}

// restored fails unless the terminal is as it was before the program ran.
func (x *tmuxTerm) restored() {
	x.Helper()
	if got := strings.TrimSpace(x.run("display-message", "-p", "#{alternate_on} #{cursor_flag} #{mouse_any_flag}")); got != "0 1 0" {
		x.Errorf("alternate screen, cursor, mouse: %s, want 0 1 0", got)
	}
	var modes [2]string
	for i, name := range []string{"before", "after"} {
		b, err := os.ReadFile(filepath.Join(filepath.Dir(x.socket), name))
		if err != nil {
			x.Fatal(err)
		}
		_, modes[i], _ = strings.Cut(string(b), "\n") // the first line has the size
	}
	if modes[0] != modes[1] {
		x.Errorf("terminal modes before:\n%safter:\n%s", modes[0], modes[1])
	}
}

func pcap(name string) string {
	path, _ := filepath.Abs("../../testdata/pcaps/" + name)
	return path
}

// TestTerminal is someone's day: open a capture, find why a request failed,
// filter, follow, save, leave.
func TestTerminal(t *testing.T) {
	saved := filepath.Join(t.TempDir(), "saved.pcapng")
	x := openTerminal(t, 120, 40, "", "nlsniff "+pcap("tour.pcapng"))
	x.sees("Messages", "35 messages", "lost 0", "RTM_NEWLINK vx0 kind vxlan", "Detail of frame 1")
	x.press("E").sees("Detail of frame 4").press("E").sees("Detail of frame 21")
	x.press("Enter", "e").sees("ETHTOOL_A_CHANNELS_COMBINED_COUNT", "Bytes 72…79")
	x.press("2").sees("Exchanges", "of 15").press("1")
	x.press(`\`).types("comm == \"wg\"").press("Enter").sees("Messages with comm", "of 6")
	x.press(":").types("w " + saved).press("Enter").sees("saved 5 frames")
	x.press("G").press("e").sees("Exchange #12", "DONE")
	x.press("4").sees("Messages a second", "6 messages of 35").press("3").sees("Findings with comm", "nothing so far")
	x.press("Escape").sees("Messages with comm").press("Escape").sees("of 35").press("3").sees("attr.past_end")
	x.press("?").sees("Keys in the findings").press("q")
	x.press("q").sees("exit 0")
	x.restored()
	if fi, err := os.Stat(saved); err != nil || fi.Size() == 0 {
		t.Errorf("nothing was saved: %v", err)
	}
}

// TestTerminalResize: the panes follow the window.
func TestTerminalResize(t *testing.T) {
	x := openTerminal(t, 80, 24, "", "nlsniff "+pcap("tour.pcapng"))
	x.sees("RTM_NEWLINK vx0").run("resize-window", "-x", "150", "-y", "50")
	x.sees("operation, summary", "3 Findings").run("resize-window", "-x", "60", "-y", "15")
	x.sees("RTM_NEWLINK vx0").press("q").sees("exit 0").restored()
}

// TestTerminalSignals: a signal ends the program and the terminal is as
// before.
func TestTerminalSignals(t *testing.T) {
	for sig, code := range map[string]string{"TERM": "exit 0", "INT": "exit 0", "HUP": "exit 129", "QUIT": "exit 131"} {
		x := openTerminal(t, 80, 24, "", "nlsniff "+pcap("tour.pcapng"))
		x.sees("RTM_NEWLINK vx0")
		pid := strings.TrimSpace(x.run("display-message", "-p", "#{pane_pid}"))
		// The shell's child is the program.
		if out, err := exec.Command("sh", "-c", "kill -"+sig+" $(cat /proc/"+pid+"/task/"+pid+"/children)").CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		x.sees(code).restored()
	}
}

// TestTerminalMouse: a click chooses a message.
func TestTerminalMouse(t *testing.T) {
	x := openTerminal(t, 120, 40, "", "nlsniff "+pcap("tour.pcapng"))
	x.sees("RTM_NEWLINK vx0")
	x.types("\x1b[<0;40;8M").types("\x1b[<0;40;8m").sees("Detail of frame 5")
	x.press("q").sees("exit 0").restored()
}

// TestTerminalTour: without a file and without a way to capture, the tour is
// labelled as one, and says how to go live.
func TestTerminalTour(t *testing.T) {
	x := openTerminal(t, 100, 30, "setpriv --bounding-set=-all --inh-caps=-all", "nlsniff")
	x.sees("This is the tour", "Nothing is being captured", "To go live:", "the tour")
	x.press("Enter").sees("RTM_NEWLINK").press("q").sees("exit 0").restored()
}

// TestTerminalPlain: without colour, and in ASCII where the locale has no
// UTF-8.
func TestTerminalPlain(t *testing.T) {
	x := openTerminal(t, 80, 24, "NO_COLOR=1 LC_ALL=C", "nlsniff "+pcap("tour.pcapng"))
	x.sees("- Messages ---", "> ip[206]")
	if s := x.run("capture-pane", "-p", "-e"); strings.Contains(s, "\x1b[38") || strings.Contains(s, "\x1b[48") {
		t.Errorf("there are colours:\n%q", s)
	}
	x.press("q").sees("exit 0").restored()
}

// TestTerminalPipe: a capture that comes through a pipe is shown as it comes;
// keys are read from the terminal.
func TestTerminalPipe(t *testing.T) {
	x := openTerminal(t, 100, 30, "cat "+pcap("wireguard.pcap")+" |", "nlsniff -")
	x.sees("standard", "ended", "282 of 282").press("Home").sees("Detail of frame 1").press("q").sees("exit 0").restored()
}

// TestTerminalInput: standard input need not be named, and a file there is
// shown as any other.
func TestTerminalInput(t *testing.T) {
	t.Parallel()
	x := openTerminal(t, 100, 30, "", "nlsniff < "+pcap("tour.pcapng"))
	x.sees("standard", "35 messages", "Detail of frame 1").press("E").sees("Detail of frame 4").press("q").sees("exit 0").restored()
	x = openTerminal(t, 100, 30, "cat "+pcap("tour.pcapng")+" |", "nlsniff")
	x.sees("ended", "35 of 35").press("q").sees("exit 0").restored()
}

// TestTerminalOptions: what --help lists without a subcommand counts on a
// terminal as well.
func TestTerminalOptions(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "rules"), []byte("red: type == RTM_NEWLINK\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	tour := pcap("tour.pcapng")
	x := openTerminal(t, 100, 30, "", `nlsniff -Y 'comm == "wg"' -t r `+tour)
	x.sees(`Messages with comm == "wg"`, "of 6").press("q").sees("exit 0").restored()
	openTerminal(t, 100, 30, "", "nlsniff -Y 'comn == wg' "+tour).sees("no field is called comn", "^^^^", "exit 2").restored()
	openTerminal(t, 100, 30, "", "nlsniff -q -Y error "+tour).sees("4 messages in 4 frames match", "exit 0")
	openTerminal(t, 100, 30, "", "nlsniff --color-rules nosuch "+tour).sees("nosuch: no such file", "exit 2")
	openTerminal(t, 100, 30, "", "nlsniff --color sometimes "+tour).sees("hint: auto, always or never", "exit 2")
	rules := "--color-rules " + filepath.Join(dir, "rules")
	for args, want := range map[string]bool{"--color always " + rules: true, rules: false, "--color always": false} {
		x := openTerminal(t, 100, 30, "NO_COLOR=1", "nlsniff "+args+" "+tour).sees("RTM_NEWLINK vx0", "Detail of frame 1")
		red := func() bool { return strings.Contains(x.run("capture-pane", "-p", "-e"), "\x1b[31m") }
		for end := time.Now().Add(10 * time.Second); want && !red() && time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		}
		if red() != want {
			t.Errorf("nlsniff %s: red is %t:\n%s", args, !want, x.run("capture-pane", "-p", "-e"))
		}
		x.press("q").sees("exit 0")
	}
}

// TestNoTerminal: what goes into a pipe or a file is lines.
func TestNoTerminal(t *testing.T) {
	x := openTerminal(t, 100, 30, "", "nlsniff "+pcap("tour.pcapng")+" | head -1")
	x.sees("RTM_NEWLINK vx0 kind vxlan {", "exit 0").restored()
}
