// Package examples holds programs that import nlsniff as anybody's would: they
// are a module of their own. Each is the whole program.
package examples
