//go:build !linux

package main

import "os"

// terminalColumns would ask a terminal for its width; 0 says that it is not
// known.
func terminalColumns(*os.File) int { return 0 }
