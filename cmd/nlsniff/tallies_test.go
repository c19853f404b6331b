package main

import (
	"bytes"
	"io"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// TestTalliesSchema compares -z io,phs and -z io,stat with filters, as JSON, with
// the schema.
func TestTalliesSchema(t *testing.T) {
	t.Parallel()
	s, err := jsonschema.NewCompiler().Compile("../../docs/nlsniff.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"-z", "io,phs"}, {"-z", "io,phs", "-Y", "error"}, {"-z", "io,stat,0.1,error,type == RTM_NEWLINK"}, {"-z", "io,stat,1,comm == nobody"},
	} {
		var out bytes.Buffer
		if code := run(append([]string{"read", "-T", "json", pcap("tour.pcapng")}, args...), nil, &out, io.Discard); code != 0 {
			t.Fatalf("%q: exit code %d", args, code)
		}
		v, err := jsonschema.UnmarshalJSON(&out)
		if err == nil {
			err = s.Validate(v)
		}
		if err != nil {
			t.Errorf("%q: %v", args, err)
		}
	}
}
