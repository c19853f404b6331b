package nofile

const getPrlimit = 261 // prlimit64 of asm-generic/unistd.h
