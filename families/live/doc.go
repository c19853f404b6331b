// Package live asks the running kernel about generic netlink families: which
// there are, under which ids, which come and go, and what one that nobody
// described accepts. It only asks; no request changes anything, and none
// needs a privilege.
//
// Stability: v0, a part of nlsniff's own; it may change in any version.
package live
