"""Loads a program of BPF that returns 0, and pins it: TYPE (3 for filters, 4 for actions; map for what is none) NAME PATH.

By bpf(2) itself, because what loads programs otherwise wants them compiled by clang.
"""

import ctypes
import os
import platform
import struct
import sys

BPF_MAP_CREATE, BPF_PROG_LOAD, BPF_OBJ_PIN = 0, 5, 6
BPF_MAP_TYPE_ARRAY = 2
NUMBER = {"x86_64": 321, "aarch64": 280}[platform.machine()]

libc = ctypes.CDLL(None, use_errno=True)


def bpf(command: int, attributes: bytes) -> int:
    block = ctypes.create_string_buffer(attributes, 128)
    result = libc.syscall(NUMBER, command, block, 128)
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


def address(text: ctypes.Array) -> int:
    return ctypes.addressof(text)


kind, name, path = sys.argv[1:]
if kind == "map":
    fd = bpf(BPF_MAP_CREATE, struct.pack("=IIII", BPF_MAP_TYPE_ARRAY, 4, 4, 1))
else:
    # r0 = 0; exit
    program = ctypes.create_string_buffer(bytes.fromhex("b700000000000000" "9500000000000000"))
    license = ctypes.create_string_buffer(b"GPL")
    head = struct.pack("=IIQQIIQII", int(kind), 2, address(program), address(license), 0, 0, 0, 0, 0)
    fd = bpf(BPF_PROG_LOAD, head + name.encode().ljust(16, b"\0"))
where = ctypes.create_string_buffer(path.encode())
bpf(BPF_OBJ_PIN, struct.pack("=QI", address(where), fd))
