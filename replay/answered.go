package replay

// Answered is what the kernel said to an exchange of the capture.
func (c *Capture) Answered(id uint64) (Answer, bool) {
	e := c.Exchange(id)
	if e == nil {
		return Answer{}, false
	}
	return side{c: c}.answer(e), true
}
