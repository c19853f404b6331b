# What only the receiver knows, one after the other, in a network namespace of
# its own (unshare -Urn).
import socket, struct, os
NL, ROUTE = socket.AF_NETLINK, 0
seq = 0
def msg(typ, flags, body):
    global seq
    seq += 1
    return struct.pack('=IHHII', 16 + len(body), typ, flags, seq, 0) + body
def ifinfo(index=0, flags=0, change=0):
    return struct.pack('=BxHiII', 0, 0, index, flags, change)
def new(groups=0):
    s = socket.socket(NL, socket.SOCK_RAW, ROUTE)
    s.bind((0, groups))
    return s
GET, DUMP, ACK = 18, 0x301, 5
s = new(); s.send(msg(GET, 1, ifinfo(1))); s.recv(100); s.close()            # the buffer is too small
s = new(); s.send(msg(19, ACK, ifinfo(99))); s.close()                       # an error that nobody reads
s = new(); s.send(msg(GET, 1, ifinfo(1))); s.close()                         # an answer that nobody reads
s = new(); s.send(msg(GET, DUMP, ifinfo())); s.recv(65536); s.close()        # a dump that goes on
def flood():
    w = new()
    for up in [1, 0] * 4:                                                    # lo goes up and down
        w.send(msg(16, ACK, ifinfo(1, up, 1))); w.recv(65536)
    w.close()
def drain(s):
    lost = False
    while True:
        try: s.recv(65536, socket.MSG_DONTWAIT)
        except BlockingIOError: return lost
        except OSError: lost = True
s = new(1); s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1); flood(); assert drain(s)
s.send(msg(GET, 1, ifinfo(1))); s.recv(65536); s.close()                     # messages were lost, and nobody asks what
s = new(1); s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1); flood(); assert drain(s)
s.send(msg(GET, DUMP, ifinfo()))                                              # this one asks
while s.recv(65536)[4] != 3: pass
s.close()
s = new(); s.send(msg(GET, 1, ifinfo(1))); os._exit(0)                       # the process ends with an answer pending
