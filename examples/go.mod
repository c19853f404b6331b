module github.com/nlsniff/nlsniff/examples

go 1.26.7

require (
	github.com/nlsniff/nlsniff v0.0.0
	golang.org/x/sys v0.49.0
)

require (
	github.com/google/gopacket v1.1.19 // indirect
	github.com/klauspost/compress v1.20.3 // indirect
	github.com/pierrec/lz4/v4 v4.1.33 // indirect
	go.yaml.in/yaml/v3 v3.0.6 // indirect
	golang.org/x/net v0.62.0 // indirect
)

replace github.com/nlsniff/nlsniff => ../
