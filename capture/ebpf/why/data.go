package why

// Data is a reason for programs.
type Data struct {
	Function string   `json:"function,omitempty"` // that made the errno, or "" where no probe sits
	File     string   `json:"file,omitempty"`     // of the kernel's source
	Module   string   `json:"module,omitempty"`
	Way      []string `json:"way,omitempty"` // the functions that passed the errno on, outwards
	// Sure is only (one place in the function makes the errno), some (of
	// several), passed on (from deeper), unknown.
	Sure   string `json:"sure"`
	Places int    `json:"places,omitempty"` // in the function that make the errno
	Lost   bool   `json:"lost,omitempty"`   // records were lost: the way may have holes
	Text   string `json:"text"`             // all that in a line
}

var sureNames = [...]string{SureUnknown: "unknown", SurePassed: "passed on", SureOne: "only", SureSome: "some"}

// Data is the reason for programs.
func (r *Reason) Data() *Data {
	d := &Data{Sure: sureNames[r.Sure], Places: r.Places, Lost: r.Lost, Text: r.String()}
	for i, s := range r.Chain {
		if i == 0 {
			d.Function, d.Module, d.File = s.Function, s.Module, sourceFile(s)
			continue
		}
		d.Way = append(d.Way, s.Function)
	}
	return d
}
