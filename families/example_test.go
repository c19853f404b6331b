package families_test

import (
	"fmt"
	"log"

	"github.com/nlsniff/nlsniff/families"
)

// A description of one's own beside those that nlsniff has.
func ExampleDB_Add() {
	const lamp = `
family lamp
genl lamp version 1

attrs lamp LAMP_A_
  1 LAMP_A_BRIGHTNESS u32

body lamp
  attrs lamp

messages LAMP_CMD_
  1 LAMP_CMD_SET lamp
`
	db := families.Embedded()
	f, err := families.ParseSpec("lamp.spec", lamp, db.Load)
	if err != nil {
		log.Fatal(err)
	}
	db.Add(f, false)
	fmt.Println(db.Genl("lamp").Name, db.FindRequest("LAMP_CMD_SET").Name, db.FindRequest("RTM_NEWLINK").Name)

	_, err = families.ParseSpec("lamp.spec", "family lamp\nattrs lamp LAMP_A_\n  1 LAMP_A_BRIGHTNESS u33\n", db.Load)
	fmt.Println(err)
	// Output:
	// lamp LAMP_CMD_SET RTM_NEWLINK
	// lamp.spec:3: unknown type u33
}
