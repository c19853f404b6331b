//go:build unix

package outfile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// content is what a file holds, with a link not followed; "" if there is none.
func content(t *testing.T, path string) string {
	t.Helper()
	if st, err := os.Lstat(path); err != nil || st.Mode()&fs.ModeSymlink != 0 {
		return ""
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func put(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestPublish: who comes first, and what the folder allows, decides what is
// written; nothing else is touched, and nothing is left behind.
func TestPublish(t *testing.T) {
	tests := []struct {
		name          string
		before, while func(t *testing.T, dir string)
		over          bool
		mode          fs.FileMode // of the folder
		fails         error
		want          map[string]string
	}{
		{name: "new", want: map[string]string{"x": "new"}},
		{name: "exists", before: func(t *testing.T, d string) { put(t, d+"/x", "old") }, fails: fs.ErrExist, want: map[string]string{"x": "old"}},
		{name: "over", before: func(t *testing.T, d string) { put(t, d+"/x", "old") }, over: true, want: map[string]string{"x": "new"}},
		{name: "came meanwhile", while: func(t *testing.T, d string) { put(t, d+"/x", "other") }, fails: fs.ErrExist, want: map[string]string{"x": "other"}},
		{name: "came meanwhile, over", over: true, while: func(t *testing.T, d string) { put(t, d+"/x", "other") }, fails: fs.ErrExist,
			want: map[string]string{"x": "other"}},
		{name: "exchanged meanwhile", before: func(t *testing.T, d string) { put(t, d+"/x", "old") }, over: true, fails: fs.ErrExist,
			while: func(t *testing.T, d string) { put(t, d+"/y", "other"); os.Rename(d+"/y", d+"/x") }, want: map[string]string{"x": "other"}},
		{name: "became a link meanwhile", before: func(t *testing.T, d string) { put(t, d+"/x", "old"); put(t, d+"/y", "victim") }, over: true, fails: fs.ErrExist,
			while: func(t *testing.T, d string) { os.Remove(d + "/x"); os.Symlink("y", d+"/x") }, want: map[string]string{"y": "victim", "x": ""}},
		{name: "went away", before: func(t *testing.T, d string) { put(t, d+"/x", "old") }, over: true,
			while: func(t *testing.T, d string) { os.Remove(d + "/x") }, want: map[string]string{"x": "new"}},
		{name: "own link", before: func(t *testing.T, d string) { put(t, d+"/y", "old"); os.Symlink("y", d+"/x") }, over: true,
			want: map[string]string{"y": "new"}},
		{name: "own link to nothing", before: func(_ *testing.T, d string) { os.Symlink("y", d+"/x") }, want: map[string]string{"y": "new"}},
		{name: "circle", before: func(_ *testing.T, d string) { os.Symlink("x", d+"/x") }, fails: errors.New("links"), want: map[string]string{}},
		{name: "others' link", mode: 0o777 | fs.ModeSticky, before: func(t *testing.T, d string) { put(t, d+"/y", "victim"); os.Symlink("y", d+"/x") }, over: true,
			fails: ErrLink, want: map[string]string{"y": "victim"}},
		{name: "others' link to nothing", mode: 0o777, before: func(_ *testing.T, d string) { os.Symlink("y", d+"/x") }, fails: ErrLink, want: map[string]string{"y": ""}},
		{name: "others' hard link", mode: 0o777, before: func(t *testing.T, d string) { put(t, d+"/y", "victim"); os.Link(d+"/y", d+"/x") }, over: true,
			want: map[string]string{"y": "victim", "x": "new"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			if tt.mode != 0 {
				os.Chmod(dir, tt.mode)
			}
			if tt.before != nil {
				tt.before(t, dir)
			}
			f, err := Create(filepath.Join(dir, "x"), tt.over)
			if err == nil {
				if tt.while != nil {
					tt.while(t, dir)
				}
				if _, err = f.Write([]byte("new")); err == nil {
					err = f.Publish()
				}
				err = errors.Join(err, f.Close())
			}
			switch {
			case tt.fails == nil && err != nil, tt.fails != nil && err == nil:
				t.Errorf("error %v, want %v", err, tt.fails)
			case err != nil && !errors.Is(err, tt.fails) && !strings.Contains(err.Error(), tt.fails.Error()):
				t.Errorf("error %v, want %v", err, tt.fails)
			case err != nil && !strings.Contains(err.Error(), filepath.Join(dir, "x")):
				t.Errorf("the error does not name the file: %v", err)
			}
			for name, want := range tt.want {
				if got := content(t, filepath.Join(dir, name)); got != want {
					t.Errorf("%s holds %q, want %q", name, got, want)
				}
			}
			if left, _ := filepath.Glob(filepath.Join(dir, ".nlsniff-*")); left != nil {
				t.Errorf("left behind: %v", left)
			}
		})
	}
}

// TestMode: a file is its owner's alone, whatever stood there and whatever the
// umask would allow.
func TestMode(t *testing.T) {
	old := syscall.Umask(0)
	defer syscall.Umask(old)
	path := filepath.Join(t.TempDir(), "x")
	for range 2 {
		if err := Replace(path, []byte("x")); err != nil {
			t.Fatal(err)
		}
		if st, err := os.Stat(path); err != nil || st.Mode() != 0o600 {
			t.Errorf("mode %v, %v", st.Mode(), err)
		}
		os.Chmod(path, 0o666)
	}
	syscall.Umask(0o277)
	other := filepath.Join(t.TempDir(), "y")
	if err := Replace(other, []byte("x")); err != nil {
		t.Fatal(err)
	}
	if st, err := os.Stat(other); err != nil || st.Mode() != 0o400 {
		t.Errorf("mode %v, %v", st.Mode(), err)
	}
}

// TestAsItIs: pipes, devices and what is open already are written to.
func TestAsItIs(t *testing.T) {
	dir := t.TempDir()
	pipe := filepath.Join(dir, "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	got := make(chan string)
	go func() {
		b, _ := os.ReadFile(pipe)
		got <- string(b)
	}()
	if err := Replace(pipe, []byte("through")); err != nil {
		t.Fatal(err)
	}
	if s := <-got; s != "through" {
		t.Errorf("%q came through the pipe", s)
	}
	if err := Replace("/dev/null", []byte("x")); err != nil {
		t.Error(err)
	}
	if st, err := os.Stat("/dev/null"); err != nil || st.Mode().IsRegular() {
		t.Errorf("/dev/null is %v", st.Mode())
	}
}
