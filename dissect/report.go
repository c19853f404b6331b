package dissect

// Report is a finding in words.
type Report struct {
	Severity       Severity
	Code           string // stable: attr.unknown (docs/findings.md)
	Offset, Length int    // bytes within the frame
	Text           string
}

// Reports lists what is wrong with the frame, in the order of its bytes.
func (t *Tree) Reports() []Report {
	var list []Report
	for i := range t.Findings {
		f := &t.Findings[i]
		list = append(list, Report{f.Severity(), f.Name(), int(f.Off), int(f.Len), string(f.AppendText(nil))})
	}
	return list
}
