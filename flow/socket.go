package flow

// maxSockets bounds how many sockets are remembered.
const maxSockets = 1 << 12

type socketKey struct {
	section int32
	portid  uint32
	proto   uint8
}

// socket is what is known of one.
type socket struct {
	process Process
}

// sockets remembers who owns which portid. The oldest are forgotten.
type sockets struct {
	m     map[socketKey]*socket
	order []socketKey
	at    int
}

func (s *sockets) get(k socketKey) *socket {
	if x := s.m[k]; x != nil {
		return x
	}
	if s.m == nil {
		s.m = map[socketKey]*socket{}
	}
	var x *socket
	if len(s.order) < maxSockets {
		x = &socket{}
		s.order = append(s.order, k)
	} else {
		old := s.order[s.at]
		x = s.m[old]
		*x = socket{}
		delete(s.m, old)
		s.order[s.at] = k
		s.at = (s.at + 1) % maxSockets
	}
	s.m[k] = x
	return x
}

// seen notes that an exchange is a socket's, and names the process of one from
// the other.
func (s *sockets) seen(e *entry, portid uint32) *socket {
	x := s.get(socketKey{int32(e.ex.Section), portid, e.ex.Proto})
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
