# What the recording scripts share. Each capture starts with a dump of the
# generic families, so that the file explains itself.
cap() { # cap NAME: starts recording
	NAME=$1
	: > "$OUT/$NAME.log"
	ip link add nlmon0 type nlmon 2>/dev/null
	ip link set nlmon0 up
	tcpdump -i nlmon0 -s 0 -U -Z root -w "$OUT/$NAME.pcap" 2>/dev/null &
	TCPDUMP=$!
	sleep 1.5
	genl ctrl list >/dev/null 2>&1
}

r() { # r COMMAND: runs it and logs what it prints
	echo "\$ $1" >> "$OUT/$NAME.log"
	timeout "${LIMIT:-10}" bash -c "$1" >> "$OUT/$NAME.log" 2>&1
}

endcap() {
	sleep 1.5
	kill "$TCPDUMP"
	wait "$TCPDUMP" 2>/dev/null
	ip link del nlmon0
}
