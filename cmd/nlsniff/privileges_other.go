//go:build !linux

package main

func keepOpening() {}

func dropPrivileges() error { return nil }
