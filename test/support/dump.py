"""Prints a dump of rtnetlink as JSON, each object as its header and its attributes in hexadecimal: ip(8) does not show all of them.

Usage: dump.py TYPE FAMILY HEADER_SIZE
"""
import json
import socket
import struct
import sys

kind, family, size = (int(word) for word in sys.argv[1:4])
NLM_F_REQUEST, NLM_F_DUMP = 1, 0x300
NLMSG_ERROR, NLMSG_DONE = 2, 3


def attributes(content):
    found = {}
    while len(content) >= 4:
        length, number = struct.unpack_from('=HH', content)
        found[number & 0x3FFF] = content[4:length].hex()
        content = content[(length + 3) & ~3 :]
    return found


def messages(data):
    while data:
        length, number = struct.unpack_from('=IH', data)
        yield number, data[16:length]
        data = data[(length + 3) & ~3 :]


route = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
header = struct.pack('=B', family).ljust(size, b'\0')
route.send(struct.pack('=IHHII', 16 + len(header), kind, NLM_F_REQUEST | NLM_F_DUMP, 1, 0) + header)
objects = []
done = False
while not done:
    for number, content in messages(route.recv(1 << 17)):
        if number in (NLMSG_ERROR, NLMSG_DONE):
            done = True
            break
        objects.append({'header': content[:size].hex(), **attributes(content[size:])})
print(json.dumps(objects))
