package nofile

const getPrlimit = 302 // prlimit64 of asm/unistd_64.h
