package main

import (
	"context"

	"github.com/nlsniff/nlsniff/replay"
)

// userNamespaces reports whether this user may make them.
func userNamespaces() bool {
	_, err := replay.Namespace{}.Run(context.Background(), &replay.Plan{})
	return err == nil
}
