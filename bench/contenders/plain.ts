import {
  addRoute,
  createBridge,
  createNetns,
  createVeth,
  currentNetns,
  deleteLink,
  deleteNetns,
  type Netns,
  setLink,
} from '../../lib';
import { serve } from './serve';

/**
 * Star N with this library's plain calls; with "bridge-last" the bridge is brought up last, and with "no-ipv6" no device makes a
 * link-local address.
 */

const bridgeLast = process.argv[2] === 'bridge-last';
const ipv6 = process.argv[2] !== 'no-ipv6';
let here: Netns;
let members: Netns[] = [];

const digits = (i: number): string => String(i).padStart(4, '0');

async function createMember(netns: Netns, i: number): Promise<void> {
  const addrs = [`10.200.${(i + 2) >> 8}.${(i + 2) & 255}/16`];
  await createVeth(
    { netns: here, name: `v${digits(i)}`, bridge: 'br0', up: true, ipv6 },
    { netns, name: 'eth0', addrs, up: true, ipv6 },
  );
  await Promise.all([
    setLink(netns, 'lo', { up: true }),
    addRoute(netns, { to: 'default', via: '10.200.0.1' }),
  ]);
}

async function createStar(n: number): Promise<void> {
  await createBridge(here, 'br0', { addrs: ['10.200.0.1/16'], up: !bridgeLast });
  const names = Array.from({ length: n }, (_, i) => `ns${digits(i)}`);
  members = await Promise.all(names.map((name) => createNetns(name)));
  await Promise.all(members.map(createMember));
  if (bridgeLast) await setLink(here, 'br0', { up: true });
}

async function deleteStar(): Promise<void> {
  await setLink(here, 'br0', { up: false });
  await deleteLink(here, 'br0');
  await Promise.all(members.map((netns) => deleteNetns(netns)));
}

async function main(): Promise<void> {
  here = await currentNetns();
  await serve(async (verb, n) => {
    await (verb === 'create' ? createStar(n) : deleteStar());
    return n;
  });
}

void main();
