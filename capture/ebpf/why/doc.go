// Package why finds the kernel function in which a netlink request was
// refused. While it is open, a probe sits on every function through which a
// refusal may pass; each that returns an error inside a request is recorded, and
// the chain of one errno from the answer inwards is the way that it came.
//
// It needs root, BTF, and a kernel with probe sessions (6.10). The probed
// functions' modules cannot be removed while it is open.
//
// Stability: v0, a part of nlsniff's own; it may change in any version.
package why
