package ynl

import "testing"

func TestSecret(t *testing.T) {
	for name, want := range map[string]bool{
		"private-key": true, "preshared_key": true, "PSK": true, "pmk": true, "sae-password": true,
		"key-data": true, "key": true, "public-key": false, "key-id": false, "keys": false, "monkey": false, "": false,
	} {
		if secret(name) != want {
			t.Errorf("%s: %t", name, !want)
		}
	}
}
