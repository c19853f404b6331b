package manual

import (
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// TestWrite: what stands in a command stands in its page, and nothing of it is
// taken for a request of troff.
func TestWrite(t *testing.T) {
	root := &cobra.Command{Use: "prog [FILE]", Short: "Do it", Long: "First\nparagraph.\n\n.TH is no request, 'nor this.\n\n  kept  as it is\n", Run: func(*cobra.Command, []string) {}}
	root.Flags().StringP("name", "n", "it's", "the `file` with a \\ in it")
	root.Flags().Bool("secret", false, "")
	_ = root.Flags().MarkHidden("secret")
	root.AddCommand(&cobra.Command{Use: "sub", Short: "Do more", Example: "  prog sub | x", Run: func(*cobra.Command, []string) {}}, &cobra.Command{Use: "none", Hidden: true, Run: func(*cobra.Command, []string) {}})
	list := Commands(root)
	if len(list) != 2 || Name(list[1]) != "prog-sub" {
		t.Fatalf("pages of %v", list)
	}
	for i, want := range []string{
		`.TH "PROG" 1 "" "1.0" "prog manual"
.SH "NAME"
prog \- do it
.SH "SYNOPSIS"
\fBprog\fR [FILE] [flags]
.br
\fBprog\fR \fIcommand\fR [flags] [arguments]
.SH "DESCRIPTION"
First
paragraph.
.PP
\&.TH is no request, \(aqnor this.
.PP
.nf
  kept  as it is
.fi
.PP
.SH "COMMANDS"
.TP
\fBprog\-sub\fR(1)
Do more
.SH "OPTIONS"
.TP
\fB\-n\fR, \fB\-\-name\fR \fIfile\fR
the file with a \e in it (default it\(aqs)
.SH "EXIT STATUS"
0 or 1
.SH "SEE ALSO"
\fBprog\-sub\fR(1)
`,
		`.TH "PROG\-SUB" 1 "" "1.0" "prog manual"
.SH "NAME"
prog\-sub \- do more
.SH "SYNOPSIS"
\fBprog sub\fR
.SH "DESCRIPTION"

.SH "EXAMPLES"
.nf
prog sub | x
.fi
.SH "EXIT STATUS"
0 or 1
.SH "SEE ALSO"
\fBprog\fR(1)
`} {
		var b strings.Builder
		if err := Write(&b, list[i], "1.0", Section{"EXIT STATUS", "0 or 1"}); err != nil {
			t.Fatal(err)
		}
		want = strings.Replace(want, "\n\n.SH", "\n.PP\n.SH", 1)
		if b.String() != want {
			t.Errorf("got\n%s\nwant\n%s", b.String(), want)
		}
	}
}
