//go:build !linux

package replay

// Child does nothing where there is no netlink.
func Child() {}
