/**
 * Python that makes packets of SCTP by hand, because a kernel need not have sockets of SCTP to route or to track it:
 * `init(source, destination)` is an INIT of RFC 9260, 3.3.2, with its CRC32c, and `raw` a socket to send it by.
 */
export const SCTP = `
import socket, struct
def crc32c(data):
    crc = 0xffffffff
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ 0x82f63b78 if crc & 1 else crc >> 1
    return struct.pack('<I', crc ^ 0xffffffff)
def init(source, destination):
    header = struct.pack('>HHI', source, destination, 0)
    chunk = struct.pack('>BBHIIHHI', 1, 0, 20, 0x1234, 65535, 1, 1, 1)
    return header + crc32c(header + bytes(4) + chunk) + chunk
raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, 132)
`;
