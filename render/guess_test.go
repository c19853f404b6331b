package render_test

import (
	"strings"
	"testing"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/render"
)

// What was guessed is marked wherever a family that nobody described is shown.
func TestGuess(t *testing.T) {
	own := families.Embedded()
	own.OnMissing(func(name string) *families.Family {
		f, err := families.ParseSpec("test", `family unheard
genl unheard version 1
attrs all UNHEARD_A_
  1 UNHEARD_A_ID u32 guess
  2 UNHEARD_A_NAME string
body all
  attrs all
messages UNHEARD_CMD_
  3 UNHEARD_CMD_GET all
`, nil)
		if err != nil || name != "unheard" {
			t.Errorf("%s: %v", name, err)
		}
		f.Guess = true
		return f
	})
	var ids families.Registry
	ids.Learn(1, 40, "unheard")
	data := []byte{0, 4, 3, 0x38, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 16,
		36, 0, 0, 0, 40, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 3, 1, 0, 0,
		8, 0, 1, 0, 7, 0, 0, 0, 7, 0, 2, 0, 'a', 'b', 0, 0}
	in := dissect.Input{Number: 1, Data: data, OrigLen: len(data), IDs: &ids}
	ev := &render.Event{Number: 1, OrigLen: len(data), Tree: dissect.New(own).Frame(&in)}
	tree := string(render.NewTree(render.Options{}).Frame(nil, ev))
	for _, want := range []string{"UNHEARD_CMD_GET", "UNHEARD_A_ID?: 7\n", `UNHEARD_A_NAME: "ab"`} {
		if !strings.Contains(tree, want) {
			t.Errorf("no %q in\n%s", want, tree)
		}
	}
	json := string(render.NewJSON(render.Options{}, false).Frame(nil, ev))
	for _, want := range []string{`"cmd":"UNHEARD_CMD_GET","cmd_id":3,"version":1,"guess":true}`, `"UNHEARD_A_ID":[{"number":7}]`} {
		if !strings.Contains(json, want) {
			t.Errorf("no %q in\n%s", want, json)
		}
	}
}
