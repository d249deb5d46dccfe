import type { Netns } from '../../lib';
import { until } from './ip';
import { type Lab, python, type Target } from './lab';

/** Sends back what comes, by TCP and by UDP, at the ports that are named. */
export const ECHO = `
import socket, sys, threading
def serve(connection):
    try:
        while data := connection.recv(100): connection.sendall(data)
    except OSError:
        pass # the client is gone
def accept(server):
    while True: threading.Thread(target=serve, args=(server.accept()[0],), daemon=True).start()
def answer(datagrams):
    while True:
        data, peer = datagrams.recvfrom(100)
        datagrams.sendto(data, peer)
for port in map(int, sys.argv[1:]):
    server = socket.create_server(('::', port), family=socket.AF_INET6, dualstack_ipv6=True)
    threading.Thread(target=accept, args=(server,)).start()
    datagrams = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    datagrams.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    datagrams.bind(('::', port))
    threading.Thread(target=answer, args=(datagrams,)).start()
print('ready', flush=True)
`;

/** Keeps connections open, and reports for each line of its input by which of them an answer comes. */
const CLIENT = `
import json, socket, sys
def dial(kind, address, port):
    family = socket.AF_INET6 if ':' in address else socket.AF_INET
    s = socket.socket(family, socket.SOCK_STREAM if kind == 'tcp' else socket.SOCK_DGRAM)
    s.settimeout(3)
    s.connect((address, port))
    s.settimeout(1)
    return s
def answers(s):
    try:
        s.send(b'x')
        return s.recv(100) == b'x'
    except OSError:
        return False
all = [dial(*target) for target in json.loads(sys.argv[1])]
print('ready', flush=True)
for line in sys.stdin:
    print(json.dumps([answers(s) for s in all]), flush=True)
`;

export type Connection = ['tcp' | 'udp', ...Target];

/** Connections from a namespace, and a function that asks by which of them an answer comes. */
export async function connected(lab: Lab, netns: Netns, targets: readonly Connection[]) {
  const client = lab.use(await python(netns, CLIENT, JSON.stringify(targets)));
  return async (): Promise<boolean[]> => {
    const before = client.output().length;
    client.stdin.write('\n');
    await until(() => client.output().slice(before).endsWith('\n'));
    return JSON.parse(client.output().slice(before)) as boolean[];
  };
}
