import { serve } from './serve';

/** Single calls with npm `netlink`, whose folder is the argument. It can neither make a namespace nor enter one. */

/** Of its interface only what is used here; it is installed for the benchmark alone. */
interface Netlink {
  createRtNetlink(): {
    newLink(link: object, attributes: object, options: object): Promise<unknown>;
    newAddress(address: object, attributes: object, options: object): Promise<unknown>;
    getLinks(): Promise<{ data: { index: number }; attrs: { ifname: string } }[]>;
    getRoutes(route: object): Promise<unknown[]>;
  };
  FlagsNew: { CREATE: number; EXCL: number };
}

const AF_INET = 2;

// eslint-disable-next-line @typescript-eslint/no-require-imports -- from where it was installed on demand
const netlink = require(process.argv[2] ?? '') as Netlink;
const socket = netlink.createRtNetlink();
const create = { flags: netlink.FlagsNew.CREATE | netlink.FlagsNew.EXCL };

/** It leaves what is specific to a kind of link to its user, as bytes. */
function attribute(type: number, ...parts: Uint8Array[]): Buffer {
  const body = Buffer.concat(parts);
  const bytes = Buffer.alloc((4 + body.length + 3) & ~3);
  bytes.writeUInt16LE(4 + body.length, 0);
  bytes.writeUInt16LE(type, 2);
  body.copy(bytes, 4);
  return bytes;
}

async function createPair(i: number): Promise<void> {
  const name = `p${String(i).padStart(5, '0')}`;
  const peer = attribute(1, Buffer.alloc(16), attribute(3, Buffer.from(`${name}b\0`)));
  const linkinfo = Buffer.concat([attribute(1, Buffer.from('veth\0')), attribute(2, peer)]);
  await socket.newLink({}, { ifname: `${name}a`, linkinfo }, create);
}

async function addAddress(index: number, i: number): Promise<void> {
  const address = Buffer.from([10, 100, i >> 8, i & 255]);
  await socket.newAddress({ family: AF_INET, prefixlen: 32, index }, { address, local: address }, create);
}

/** 128 at once: its receive buffer holds 256 acknowledgements, and it aborts the process when it overflows. */
async function addTogether(index: number, n: number): Promise<void> {
  for (let first = 0; first < n; first += 128) {
    const count = Math.min(128, n - first);
    await Promise.all(Array.from({ length: count }, (_, i) => addAddress(index, first + i)));
  }
}

async function indexOf(name: string): Promise<number> {
  const link = (await socket.getLinks()).find((l) => l.attrs.ifname === name);
  if (!link) throw new Error(`no ${name}`);
  return link.data.index;
}

async function main(): Promise<void> {
  const index = await indexOf('load0');
  await serve(async (verb, n) => {
    if (verb === 'links') return (await socket.getLinks()).length;
    if (verb === 'routes') return (await socket.getRoutes({ family: AF_INET })).length;
    if (verb === 'addrs') await addTogether(index, n);
    for (let i = 0; verb === 'veth' && i < n; i++) await createPair(i);
    for (let i = 0; verb === 'addr' && i < n; i++) await addAddress(index, i);
    return n;
  });
}

void main();
