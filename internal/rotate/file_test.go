package rotate

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/capture/pcapng"
)

// testFile is a capture file that begins with one frame.
func testFile(path string, rotate, stop Limits) *File {
	return &File{
		Path: path, Rotate: rotate, Stop: stop, Ring: rotate != Limits{},
		Create: func(w io.Writer) Writer { return pcapng.NewWriter(w, pcapng.Section{}) },
		Begin:  func(w Writer) error { return w.Write(testFrame(16)) },
		Finish: func(Writer) error { return nil },
	}
}

func testFrame(size int) *capture.Frame {
	data := make([]byte, size)
	data[2], data[3] = capture.ARPHRDNetlink>>8, capture.ARPHRDNetlink&0xff
	return &capture.Frame{Time: 1, Data: data, OrigLen: size}
}

// framesIn counts the frames of a file, and fails if there is damage.
func framesIn(t *testing.T, path string) (n int) {
	t.Helper()
	r, err := pcapng.Open(path, pcapng.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for {
		var f capture.Frame
		if err := r.Next(&f); err == io.EOF {
			return n
		} else if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		n++
	}
}

func TestRingOfFiles(t *testing.T) {
	tests := []struct {
		name         string
		rotate, stop Limits
		frames       int
		files        []int // frames in each that is left
		full         bool
	}{
		{"packets", Limits{Packets: 4}, Limits{}, 10, []int{5, 5, 3}, false},
		{"packets, few files", Limits{Packets: 4, Files: 2}, Limits{}, 18, []int{5, 3}, false},
		{"size", Limits{Bytes: 1000}, Limits{}, 6, []int{4, 4}, false},
		{"stops", Limits{Packets: 2}, Limits{Files: 2}, 4, []int{3, 3}, true},
		{"duration", Limits{Duration: time.Nanosecond}, Limits{}, 3, []int{2, 2, 2}, false},
		{"never", Limits{Duration: time.Hour, Bytes: 1 << 30}, Limits{}, 3, []int{4}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			c := testFile(filepath.Join(dir, "x.pcapng"), tt.rotate, tt.stop)
			if err := c.Open(); err != nil {
				t.Fatal(err)
			}
			for i := range tt.frames {
				if c.Full() {
					t.Fatalf("full after %d frames", i)
				}
				f := testFrame(300)
				if err := c.Write(f); err != nil {
					t.Fatal(err)
				}
				if f.Number < i+2 {
					t.Errorf("frame %d has number %d", i, f.Number)
				}
			}
			if c.Full() != tt.full {
				t.Errorf("full: %v", c.Full())
			}
			if err := c.Close(); err != nil {
				t.Fatal(err)
			}
			names, _ := filepath.Glob(filepath.Join(dir, "x_*.pcapng"))
			var got []int
			total := 0
			for _, n := range names {
				got = append(got, framesIn(t, n))
				total += got[len(got)-1]
			}
			if len(got) != len(tt.files) {
				t.Fatalf("files with %v frames, want %v", got, tt.files)
			}
			for i := range got {
				if got[i] != tt.files[i] {
					t.Errorf("files with %v frames, want %v", got, tt.files)
				}
			}
			if n := c.Count().Written; tt.rotate.Files == 0 && n != uint64(total) {
				t.Errorf("%d frames counted, %d there", n, total)
			}
		})
	}
}

func TestStopAtSize(t *testing.T) {
	c := testFile(filepath.Join(t.TempDir(), "x"), Limits{}, Limits{Bytes: 2000})
	if err := c.Open(); err != nil {
		t.Fatal(err)
	}
	n := 0
	for ; !c.Full(); n++ {
		if err := c.Write(testFrame(300)); err != nil {
			t.Fatal(err)
		}
	}
	c.Close()
	st, err := os.Stat(c.Path)
	if err != nil || st.Size() < 2000 || st.Size() > 2400 {
		t.Errorf("%d frames, %v, %v", n, st, err)
	}
}

// full is a file on a disk that takes a number of bytes.
type fullDisk struct {
	f    *os.File
	left int
}

func (d *fullDisk) Write(p []byte) (int, error) {
	n, err := d.f.Write(p[:min(len(p), d.left)])
	d.left -= n
	if err == nil && n < len(p) {
		err = &os.PathError{Op: "write", Path: d.f.Name(), Err: syscall.ENOSPC}
	}
	return n, err
}

// TestFullDisk: whatever fits, the file ends with a whole block, and the error
// says what is in it.
func TestFullDisk(t *testing.T) {
	for left := 150; left < 3000; left += 61 {
		f, err := os.Create(filepath.Join(t.TempDir(), "x"))
		if err != nil {
			t.Fatal(err)
		}
		c := testFile(f.Name(), Limits{}, Limits{})
		if err := c.Open(); err != nil {
			t.Fatal(err)
		}
		c.out.f.Close()
		if f, err = os.Create(f.Name()); err != nil {
			t.Fatal(err)
		}
		c.out = &wholeWriter{w: &fullDisk{f, left}, f: f}
		c.w = c.Create(c.out)
		for i := 0; err == nil && i < 100; i++ {
			if err = c.Write(testFrame(200)); err == nil && i%3 == 2 {
				err = c.Flush()
			}
		}
		var w *WriteError
		if !errors.As(err, &w) || !errors.Is(err, syscall.ENOSPC) || w.Hint() == "" || err.Error() != f.Name()+": no space left on device" {
			t.Fatalf("error %v", err)
		}
		if again := c.Write(testFrame(200)); again != err || c.Flush() != err || c.Close() != err {
			t.Error("the error is not sticky")
		}
		st, _ := os.Stat(f.Name())
		if st.Size() == 0 {
			continue // not even the first three
		}
		if n := framesIn(t, f.Name()); uint64(n) != w.frames-1 { // open wrote one elsewhere
			t.Errorf("%d bytes: %d frames, the error says %d", left, n, w.frames)
		}
	}
}

func TestFileErrors(t *testing.T) {
	c := testFile(filepath.Join(t.TempDir(), "no", "such"), Limits{}, Limits{})
	err := c.Open()
	if !errors.Is(err, os.ErrNotExist) || errors.Unwrap(err) == nil {
		t.Errorf("missing folder: %v", err)
	}
	if c.Close() != err {
		t.Error("Close does not know")
	}
	failing := errors.New("no names")
	c = testFile(filepath.Join(t.TempDir(), "x"), Limits{}, Limits{})
	c.Begin = func(Writer) error { return failing }
	if err := c.Open(); !errors.Is(err, failing) {
		t.Errorf("begin fails: %v", err)
	}
}
