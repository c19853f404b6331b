package render

import "github.com/nlsniff/nlsniff/families"

// JSONTag is the key of a tagged value in JSON that says which format it is of:
// the name of a struct or attribute space, or what a scalar is.
func JSONTag(t *families.Type) string { return tagOf(t) }

// JSONTagged says whether the values of a sub-message are tagged in JSON.
func JSONTagged(s *families.SubMessage) bool { return isTagged(s) }
