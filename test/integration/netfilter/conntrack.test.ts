import { addAddr, createNetns, deleteConntrack, listConntrack, type Netns, nft, setLink } from '../../../lib';
import { failure, run } from '../../support/ip';
import { SCTP } from '../../support/sctp';

// Connections of a namespace with itself, which the kernel tracks because a rule asks for their state. The kernel's own list
// is /proc/net/nf_conntrack.

const ADDRESSES = ['2001:db8::77', '2001:db8::78', '2001:db8::79', '192.0.2.77', '192.0.2.78'];

// The checksum of SCTP is right, though the kernel does not look at it over lo.
const SENDER = `${SCTP}
import sys
for address in sys.argv[1:]:
    family = socket.AF_INET6 if ':' in address else socket.AF_INET
    udp = socket.socket(family, socket.SOCK_DGRAM)
    udp.bind((address, 4000))
    udp.sendto(b'x', (address, 53))
for port in (80, 81):
    raw.sendto(init(5000, port), ('192.0.2.77', 0))
`;

async function talking(): Promise<Netns> {
  const netns = await createNetns();
  await setLink(netns, 'lo', { up: true });
  for (const address of ADDRESSES)
    await addAddr(netns, 'lo', `${address}/${address.includes(':') ? 128 : 32}`);
  const chain = { table: { family: 'inet', name: 't' }, name: 'in', hook: 'input' } as const;
  await nft.apply(netns, [
    nft.addTable(chain.table),
    nft.addChain(chain),
    nft.addRule(chain, [nft.match(nft.ct.state, 'new'), nft.accept()]),
  ]);
  await run(netns, 'python3', '-c', SENDER, ...ADDRESSES);
  return netns;
}

/** The connections as /proc has them: the protocol, the destination of the first packet, and its port. */
async function tracked(netns: Netns, isMeant: (line: string) => boolean = Boolean): Promise<string[]> {
  const lines = (await run(netns, 'cat', '/proc/net/nf_conntrack')).trim().split('\n').filter(Boolean);
  return lines
    .filter(isMeant)
    .map((line) => {
      const [, , protocol] = line.split(/\s+/);
      const [, long = ''] = / dst=(\S+)/.exec(line) ?? [];
      const address = ADDRESSES.find((one) => one === long || expanded(one) === long);
      return `${protocol} ${address} ${/ dport=(\d+)/.exec(line)?.[1]}`;
    })
    .sort();
}

/** '2001:db8::77' as /proc writes it, with all of its zeros. */
const expanded = (address: string) => {
  const [head = '', tail = ''] = address.split('::');
  const groups = [...head.split(':'), ...Array<string>(5).fill('0'), ...tail.split(':')];
  return groups.map((group) => group.padStart(4, '0')).join(':');
};

const ALL = [
  ...['192.0.2.77 80', '192.0.2.77 81'].map((one) => `sctp ${one}`),
  ...ADDRESSES.map((address) => `udp ${address} 53`),
].sort();

describe('listConntrack', () => {
  test('a filter chooses what it says, of both families and of all protocols', async () => {
    await using netns = await talking();
    expect(await tracked(netns)).toEqual(ALL);
    const list = async (...filter: [Parameters<typeof listConntrack>[1]]) =>
      (await listConntrack(netns, ...filter))
        .map(({ protocol, destination, destinationPort }) => `${protocol} ${destination} ${destinationPort}`)
        .sort();
    expect(await list({})).toEqual(ALL);
    for (const address of ['2001:db8::77', '2001:0DB8:0::0077']) {
      const own = ['udp 2001:db8::77 53'];
      expect(await list({ destination: address })).toEqual(own);
      expect(await list({ source: address, destination: address })).toEqual(own);
      expect(await list({ reply: { source: address } })).toEqual(own);
      expect(await list({ reply: { destination: address, source: '2001:db8::78' } })).toEqual([]);
    }
    expect(await list({ destination: '2001:db8::1' })).toEqual([]);
    const inside = (start: string) => ALL.filter((one) => one.split(' ')[1]!.startsWith(start));
    expect(await list({ destination: '192.0.2.0/24' })).toEqual(inside('192.0.2.'));
    expect(await list({ reply: { source: '2001:db8::/64' } })).toEqual(inside('2001:db8::'));
    expect(await list({ source: '192.0.2.76/31', protocol: 'udp' })).toEqual(['udp 192.0.2.77 53']);
    expect(await list({ destination: '192.0.2.0/26' })).toEqual([]);
    for (const address of ['192.0.2.78', '192.0.2.78/32', '2001:db8::78']) {
      expect(await list({ address })).toEqual([`udp ${address.replace('/32', '')} 53`]);
    }
    expect(await list({ status: 'confirmed' })).toEqual(ALL);
    const replied = await tracked(netns, (line) => !line.includes('[UNREPLIED]'));
    expect(replied.length).toBeLessThan(ALL.length);
    expect(await list({ status: ['confirmed', 'seen-reply'] })).toEqual(replied);
    expect(await list({ status: ['dnat'] })).toEqual([]);
    expect(await list({ protocol: 'udp', destination: '192.0.2.77' })).toEqual(['udp 192.0.2.77 53']);
    expect(await list({ protocol: 'sctp', destinationPort: 81 })).toEqual(['sctp 192.0.2.77 81']);
    expect(await list({ protocol: 132, reply: { sourcePort: 80 } })).toEqual(['sctp 192.0.2.77 80']);
    expect(await list({ protocol: 'sctp', sourcePort: 81 })).toEqual([]);
  });

  test.each<[object, string]>([
    [
      { source: '10.0.0.1/8' },
      'source: address bits beyond the prefix length; the network is 10.0.0.0/8, got',
    ],
    [{ address: '10.0.0.0/8', source: 'fd00::1' }, 'address: expected an IPv6 address, got'],
    [{ status: 'assurd' }, 'status: expected one of expected, '],
    [{ status: ['assured', 7] }, 'status[1]: expected one of expected, '],
  ])('%j is refused', async (filter, message) => {
    await using netns = await createNetns();
    for (const call of [listConntrack, deleteConntrack]) {
      expect((await failure(call(netns, filter))).message).toMatch(message);
    }
  });

  test('deleteConntrack spares all that a filter does not choose', async () => {
    await using netns = await talking();
    const gone = new Set<string>();
    const remove = async (filter: Parameters<typeof deleteConntrack>[1], one: string) => {
      expect(await deleteConntrack(netns, filter)).toBe(1);
      gone.add(one);
      expect(await tracked(netns)).toEqual(ALL.filter((other) => !gone.has(other)));
    };
    expect(await deleteConntrack(netns, { destination: '2001:db8::1' })).toBe(0);
    expect(await tracked(netns)).toEqual(ALL);
    await remove({ destination: '2001:db8::77' }, 'udp 2001:db8::77 53');
    await remove({ reply: { source: '2001:db8::78' } }, 'udp 2001:db8::78 53');
    await remove({ protocol: 'sctp', destinationPort: 81 }, 'sctp 192.0.2.77 81');
    await remove({ address: '192.0.2.78/31', protocol: 'udp' }, 'udp 192.0.2.78 53');
  });
});
