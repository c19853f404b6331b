package main

import (
	"os"
	"testing"
	"time"
)

func TestReaderGone(t *testing.T) {
	t.Parallel()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	gone, done := make(chan bool, 1), make(chan struct{})
	defer close(done)
	whenReaderGone(w, func() { gone <- true }, done)
	select {
	case <-gone:
		t.Fatal("the reader is still there")
	case <-time.After(50 * time.Millisecond):
	}
	r.Close()
	select {
	case <-gone:
	case <-time.After(time.Minute):
		t.Fatal("nobody says that the reader is gone")
	}
}
