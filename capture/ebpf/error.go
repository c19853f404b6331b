package ebpf

// Error says what could not be done, and what to do about it.
type Error struct {
	Doing string
	Err   error
	Hint  string
}

func (e *Error) Error() string { return e.Doing + ": " + e.Err.Error() }
func (e *Error) Unwrap() error { return e.Err }
