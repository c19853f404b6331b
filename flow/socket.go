package flow

// maxSockets bounds how many sockets are remembered, but for those that have
// open exchanges.
const maxSockets = 1 << 12

type socketKey struct {
	section int32
	portid  uint32
	proto   uint8
}

// socket is what is known of one.
type socket struct {
	key     socketKey
	process Process
	open    list // exchanges, in the order of their numbers
	// vouched says that requests which name this portid were answered there,
	// doubtful that one was answered elsewhere.
	vouched, doubtful bool
}

// sockets remembers who owns which portid. The oldest are forgotten.
type sockets struct {
	m     map[socketKey]*socket
	order []*socket
	at    int
}

func (s *sockets) get(k socketKey) *socket {
	if x := s.m[k]; x != nil {
		return x
	}
	if s.m == nil {
		s.m = map[socketKey]*socket{}
	}
	x := s.spare()
	*x = socket{key: k, open: list{k: bySocket}}
	s.m[k] = x
	return x
}

// spare returns the memory of a socket that is forgotten for another.
func (s *sockets) spare() *socket {
	if len(s.order) >= maxSockets {
		for range maxScan {
			x := s.order[s.at]
			s.at = (s.at + 1) % len(s.order)
			if x.open.n == 0 {
				delete(s.m, x.key)
				return x
			}
		}
	}
	x := &socket{}
	s.order = append(s.order, x)
	return x
}

// claimed returns the socket that a request names as its own, nil if that is
// not to be believed: the kernel does not look at nlmsg_pid.
func (s *sockets) claimed(e *entry) *socket {
	if e.claim == 0 {
		return nil
	}
	x := s.m[socketKey{int32(e.ex.Section), e.claim, e.ex.Proto}]
	if x == nil || !x.vouched || x.doubtful {
		return nil
	}
	return x
}

// seen notes that an exchange is a socket's, and names the process of one from
// the other.
func (s *sockets) seen(e *entry, portid uint32) *socket {
	x := s.get(socketKey{int32(e.ex.Section), portid, e.ex.Proto})
	switch {
	case e.claim == portid:
		x.vouched = true
	case e.claim != 0:
		if o := s.m[socketKey{int32(e.ex.Section), e.claim, e.ex.Proto}]; o != nil {
			o.doubtful = true
		}
	}
	p := &e.ex.Process
	switch {
	case p.PID != 0 || p.Comm != "":
		x.process = *p
	case x.process.PID != 0 || x.process.Comm != "":
		*p = x.process
		e.ex.Learned = e.ex.Request.Frame != 0
	}
	return x
}

// join enters an open exchange into a socket's list.
func (s *socket) join(e *entry) {
	if e.socket == s {
		return
	}
	e.quit()
	after := s.open.tail
	for i := 0; after != nil && after.ex.ID > e.ex.ID && i < maxScan; i++ {
		after = after.in[bySocket].prev
	}
	s.open.insert(e, after)
	e.socket = s
}

// quit takes an exchange out of its socket's list.
func (e *entry) quit() {
	if e.socket != nil {
		e.socket.open.remove(e)
		e.socket = nil
	}
}
