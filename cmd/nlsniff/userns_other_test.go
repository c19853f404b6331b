//go:build !linux

package main

func userNamespaces() bool { return false }
