module github.com/nlsniff/nlsniff

go 1.26.8
