// Each kind of filter and action, made by addFilter and by tc: tc shows both alike, and listFilters returns all that tc shows.
import {
  addClass,
  addFilter,
  type AddFilterOptions,
  addQdisc,
  createNetns,
  getLink,
  listFilters,
  type Netns,
  type NewFilterOptions,
  removeFilter,
  removeQdisc,
  u32Keys,
} from '../../../lib';
import { type Capability, testWith } from '../../support/capabilities';
import { failure, type Json, run } from '../../support/ip';
import { EDIT_EXAMPLES } from './edit-examples';
import { EXAMPLES, type FilterExample } from './filter-examples';
import { seen } from './filter-shown';
import { KEY_EXAMPLES } from './key-examples';

const FILTERS: Capability =
  'filters of the kinds matchall, flower and fw, and the actions gact, police, skbedit and vlan';

const action = (own: object) => ({ kind: 'matchall', parent: 'ingress', actions: [own] });
const edit = (one: object) => action({ kind: 'pedit', edits: [one] });
const ct = (own: object) => action({ kind: 'ct', ...own });
const tunnelKey = (own: object) => action({ kind: 'tunnel_key', ...own });
const flower = (own: object) => ({ kind: 'flower', parent: 'ingress', ...own });

const WRONG: readonly (readonly [options: object, message: RegExp])[] = [
  [{ kind: 'matchall' }, /^parent: it has to be given/],
  [{ kind: 'matchall', parent: 'outside' }, /^parent: expected 'ingress', 'egress', 'root', or/],
  [{ kind: 'matchal', parent: 'ingress' }, /^kind: expected matchall, .* did you mean 'matchall'/],
  [{ kind: 'matchall', parent: 'ingress', priority: 0 }, /^priority: expected an integer from 1 to 65535/],
  [
    { kind: 'matchall', parent: 'ingress', protocol: 'ipx' },
    /^protocol: expected a number, or one of all, ip/,
  ],
  [
    { kind: 'flow', parent: '1:', data: new Uint8Array(), classId: '1:1' },
    /^classId: of a kind that is given/,
  ],
  [{ kind: 'fw', parent: '1:', mark: 5, handle: 6 }, /^handle: of the kind fw it is 'mark'/],
  [
    { kind: 'u32', parent: '1:', keys: [{ value: 1, mask: 1, offset: 2 }] },
    /^keys\[0\]\.offset: expected a multiple/,
  ],
  [action({ kind: 'gac', control: 'drop' }), /^actions\[0\]\.kind: expected gact, .*did you mean 'gact'/],
  [action({ kind: 'gact', contrl: 'drop' }), /^actions\[0\]\.contrl: .* did you mean 'control'/],
  [
    action({ kind: 'gact', control: { jump: 1, chain: 2 } }),
    /^actions\[0\]\.control: either 'jump' or 'chain'/,
  ],
  [action({ kind: 'gact', control: { jmp: 1 } }), /^actions\[0\]\.control\.jmp: .* did you mean 'jump'/],
  [action({ kind: 'mirred', mode: 'mirror' }), /^actions\[0\]\.device: it has to be given/],
  [action({ kind: 'police', rate: 8, burst: 1, peakRate: 9 }), /^actions\[0\]\.mtu: it has to be given with/],
  [action({ kind: 'vlan', mode: 'push' }), /^actions\[0\]\.id: it has to be given to push/],
  [action({ kind: 'vlan', mode: 'pop', id: 5 }), /^actions\[0\]\.id: a tag that is popped has none/],
  [
    { kind: 'matchall', parent: 'ingress', actions: Array(33).fill({ kind: 'gact', control: 'pass' }) },
    /^actions: expected at most 32/,
  ],
  [action({ kind: 'pedit', edits: [] }), /^actions\[0\]\.edits: expected some/],
  [edit({ field: 'ip tttl', set: 5 }), /^actions\[0\]\.edits\[0\]\.field: .* did you mean 'ip ttl'/],
  [edit({ field: 'ip ttl' }), /^actions\[0\]\.edits\[0\]: either 'set' or 'add'/],
  [edit({ field: 'ip ttl', set: 256 }), /^actions\[0\]\.edits\[0\]\.set: expected an integer from 0 to 255/],
  [edit({ field: 'ip src', set: 'fd00::1' }), /\.set: expected an IPv4 address/],
  [edit({ field: 'eth dst', set: 5 }), /\.set: expected a MAC address/],
  [edit({ field: 'eth type', set: 'ipx' }), /\.set: expected a number, or one of ip, arp/],
  [edit({ field: 'tcp dport', add: 1 }), /\.add: 'tcp dport' is no single byte/],
  [edit({ offset: 2, mask: 1, value: 1 }), /\.offset: expected a multiple of 4/],
  [edit({ offset: 4, mask: 1, value: 1, start: { at: 0 } }), /\.start\.mask: it has to be given/],
  [edit({ offset: 4, mask: 1, value: 1, add: false }), /\.add: expected true/],
  [action({ kind: 'csum', checksums: [] }), /^actions\[0\]\.checksums: expected at least one/],
  [action({ kind: 'csum', checksums: ['tpc'] }), /^actions\[0\]\.checksums\[0\]: .* did you mean 'tcp'/],
  [ct({ clear: true, zone: 1 }), /^actions\[0\]\.zone: it does not go with 'clear'/],
  [ct({ mark: 1 }), /^actions\[0\]\.mark: it takes 'commit'/],
  [ct({ commit: true, markMask: 1 }), /^actions\[0\]\.markMask: it takes 'mark'/],
  [ct({ commit: true, labels: Buffer.alloc(4) }), /^actions\[0\]\.labels: expected 16 bytes, got 4/],
  [ct({ commit: true, labels: '00' }), /^actions\[0\]\.labels: expected bytes/],
  [ct({ nat: { side: 'source', port: 5 } }), /^actions\[0\]\.nat: it takes 'commit'/],
  [ct({ commit: true, nat: { side: 'source' } }), /\.nat\.address: either 'address' or 'port'/],
  [
    ct({ commit: true, nat: { side: 'source', address: { from: '10.0.0.1', to: 'fd00::1' } } }),
    /\.nat\.address: addresses of IPv4 and IPv6 at once/,
  ],
  [
    ct({
      commit: true,
      nat: { side: 'source', address: { from: '10.0.0.9', to: '10.0.0.10' }, port: { from: 9, to: 8 } },
    }),
    /\.nat\.port\.to: expected 9 or one behind it, got 8/,
  ],
  [
    ct({ commit: true, nat: { side: 'source', address: { from: '10.0.0.10', to: '10.0.0.9' } } }),
    /\.nat\.address\.to: expected "10\.0\.0\.10" or one behind it, got "10\.0\.0\.9"/,
  ],
  [{ kind: 'bpf', parent: 'ingress' }, /^pinned: either 'program', 'fd' or 'pinned' has to/],
  [
    { kind: 'bpf', parent: 'ingress', program: [[6, 0, 0, 0]], fd: 5 },
    /^fd: either 'program', 'fd' or 'pinned'/,
  ],
  [{ kind: 'bpf', parent: 'ingress', pinned: '/x', fd: 5 }, /^pinned: either 'program', 'fd' or 'pinned'/],
  [{ kind: 'bpf', parent: 'ingress', pinned: 'x' }, /^pinned: expected a path that begins with \//],
  [{ kind: 'bpf', parent: 'ingress', pinned: '/x\0' }, /^pinned: a path must not hold a NUL/],
  [{ kind: 'bpf', parent: 'ingress', pinned: `/${'x'.repeat(4095)}` }, /^pinned: a path has at most 4095/],
  [action({ kind: 'bpf', pinned: 5 }), /^actions\[0\]\.pinned: expected a path/],
  [{ kind: 'bpf', parent: 'ingress', program: [] }, /^program: a program has 1 to 4096 instructions/],
  [{ kind: 'bpf', parent: 'ingress', program: [[6, 0, 0]] }, /^program\[0\]: expected an instruction/],
  [
    { kind: 'bpf', parent: 'ingress', program: [[6, 0, 0, 0]], name: 'x' },
    /^name: it takes 'fd' or 'pinned'/,
  ],
  [{ kind: 'u32', parent: 'ingress' }, /^keys: it has to be given/],
  [{ kind: 'u32', parent: 'ingress', divisor: 1 }, /^handle: a table of one bucket takes a number below/],
  [
    { kind: 'u32', parent: 'ingress', divisor: 1, handle: 0x80000000 },
    /^handle: a table of one bucket takes a number below/,
  ],
  [{ kind: 'u32', parent: 'ingress', divisor: 3 }, /^divisor: expected a power of 2/],
  [{ kind: 'u32', parent: 'ingress', divisor: 4, link: 0x00100000 }, /^link: a table, which 'divisor' makes/],
  [
    { kind: 'u32', parent: 'ingress', divisor: 4, classId: '1:1' },
    /^actions: a table, which 'divisor' makes/,
  ],
  [{ kind: 'u32', parent: 'ingress', keys: [], nextHeader: {} }, /^nextHeader: it takes 'link'/],
  [flower({ source: '10.0.0.1' }), /^source: 'protocol' has to be 'ip' or 'ipv6'/],
  [
    flower({ protocol: '802.1Q', vlan: { id: 5 }, ipProtocol: 'tcp' }),
    /^ipProtocol: 'vlan\.etherType' has to be/,
  ],
  [flower({ protocol: 'ip', source: 'fd00::1' }), /^source: an address of another family/],
  [flower({ protocol: 'ip', destinationPort: 80 }), /^destinationPort: 'ipProtocol' has to be/],
  [flower({ sourceMac: '02:00' }), /^sourceMac: expected a MAC address/],
  [flower({ protocol: 'ip', arp: { operation: 1 } }), /^arp: 'protocol' has to be 'arp'/],
  [
    flower({ protocol: 'arp', arp: { operation: 'ask' } }),
    /^arp\.operation: expected a number, or one of request, reply/,
  ],
  [flower({ protocol: 'arp', arp: { source: 'fd00::1' } }), /^arp\.source: expected an IPv4 address/],
  [flower({ protocol: 'ip', mpls: { label: 5 } }), /^mpls: 'protocol' has to be 'mpls_uc' or 'mpls_mc'/],
  [flower({ vlan: { id: 5 } }), /^vlan: 'protocol' has to be '802.1Q' or '802.1ad'/],
  [flower({ protocol: 'ip', vlan: { id: 5 } }), /^vlan: 'protocol' has to be '802.1Q' or '802.1ad'/],
  [
    flower({ protocol: 'ip', ipProtocol: 'icmpv6', icmp: { type: 128 } }),
    /^icmp: 'ipProtocol' has to be 'icmp' here/,
  ],
  [
    flower({ protocol: 'ipv6', ipProtocol: 'icmp', icmp: { type: 8 } }),
    /^icmp: 'ipProtocol' has to be 'icmpv6' here/,
  ],
  [flower({ ttl: 5 }), /^ttl: 'protocol' has to be 'ip' or 'ipv6'/],
  [flower({ protocol: 'ip', icmp: { type: 8 } }), /^icmp: 'ipProtocol' has to be 'icmp' or 'icmpv6'/],
  [flower({ protocol: 'ip', ipProtocol: 'udp', tcpFlags: 2 }), /^tcpFlags: 'ipProtocol' has to be 'tcp'/],
  [flower({ tunnel: { source: '10.0.0.1', destination: 'fd00::1' } }), /^tunnel\.destination: addresses of/],
  [flower({ tunnel: { tos: { value: 1 } } }), /^tunnel\.tos\.mask: it has to be given/],
  [flower({ ctState: { trk: true } }), /^ctState\.trk: there is no such option/],
  [flower({ ctState: { tracked: 1 } }), /^ctState\.tracked: expected true or false/],
  [flower({ ctMark: { value: 1, mask: -1 } }), /^ctMark\.mask: expected an integer from 0/],
  [flower({ ctLabels: { value: Buffer.alloc(16), mask: Buffer.alloc(4) } }), /^ctLabels\.mask: expected 16/],
  [flower({ ctLabels: '00' }), /^ctLabels: expected bytes/],
  [tunnelKey({ mode: 'unset', id: 5 }), /^actions\[0\]\.id: 'unset' takes none/],
  [tunnelKey({ mode: 'set', source: '10.0.0.1' }), /^actions\[0\]\.destination: it has to be given/],
  [tunnelKey({ mode: 'set', source: '10.0.0.1', destination: 'fd00::1' }), /\.destination: addresses of/],
  [action({ kind: 'sample', rate: 0, group: 1 }), /^actions\[0\]\.rate: expected an integer from 1/],
  [action({ kind: 'sample', rate: 1 }), /^actions\[0\]\.group: it has to be given/],
  [action({ kind: 'simple', text: 'x'.repeat(32) }), /^actions\[0\]\.text: expected at most 31 bytes/],
  [action({ kind: 'bpf' }), /^actions\[0\]\.pinned: either 'program', 'fd' or 'pinned'/],
  [
    action({ kind: 'bpf', program: [[6, 0, 0, 0]], name: 'x' }),
    /^actions\[0\]\.name: it takes 'fd' or 'pinned'/,
  ],
  [tunnelKey({ mode: 'sett' }), /^actions\[0\]\.mode: .* did you mean 'set'/],
];

/** What tc prints of the filters at a place, but for what the kernel counts through all devices of a namespace. */
async function shown(netns: Netns, device: string, ...place: string[]): Promise<string> {
  const printed = await run(netns, 'tc', '-d', 'filter', 'show', 'dev', device, ...place);
  return printed.replace(/\bindex \d+/g, '').replace(/police 0x[0-9a-f]+/g, 'police');
}

async function place(red: Netns): Promise<void> {
  for (const device of ['x0', 'x1']) {
    await addQdisc(red, device, { kind: 'clsact' });
    await addQdisc(red, device, { kind: 'htb', handle: '1:' });
    await addClass(red, device, { kind: 'htb', handle: '1:10', rate: 1_000_000 });
  }
}

/** What is listed of a filter that was added so: the options of its kind under the kind's name. */
function listedAs(options: FilterExample['options']): object {
  const { kind, protocol, priority, handle, classId, actions, ...own } = options as NewFilterOptions & {
    kind: string;
  };
  const place = { kind, protocol, priority, handle, classId, actions };
  const given = Object.entries({ ...place, [kind]: own }).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given.filter(([name]) => name !== 'matchall'));
}

async function bothWays(
  red: Netns,
  { options, words, place: at = 'ingress', needs }: FilterExample,
): Promise<void> {
  const parent = at === '1:' ? ['parent', '1:'] : [at];
  await addFilter(red, 'x0', { parent: at, ...options });
  const args = words.split(' ').map((word) => (word.includes(',') ? word.replaceAll('_', ' ') : word));
  await run(red, 'tc', ...['filter', 'add', 'dev', 'x1', ...parent, ...args]);
  const theirs = await shown(red, 'x1', ...parent);
  expect(theirs).not.toBe('');
  expect(await shown(red, 'x0', ...parent)).toBe(theirs);

  const [found, ...others] = await listFilters(red, 'x1');
  expect(others).toEqual([]);
  const index = (await getLink(red, 'x1')).index;
  const device = (await getLink(red, 'lo')).index;
  const json = await run(red, 'tc', '-j', '-d', '-s', 'filter', 'show', 'dev', 'x1', ...parent);
  seen(found!, json, await run(red, 'tc', '-d', 'filter', 'show', 'dev', 'x1', ...parent), { lo: device });
  expect(found).toMatchObject({ index, parent: at, kind: options.kind });
  expect((await listFilters(red, 'x1', { parent: at })).length).toBe(1);
  if (needs !== undefined) expect(found).toMatchObject(listedAs(options));

  // what is listed is taken, by removeFilter and by addFilter
  await removeFilter(red, 'x1', found!);
  expect(await listFilters(red, 'x1')).toEqual([]);
  await addFilter(red, 'x1', found!);
  expect(await shown(red, 'x1', ...parent)).toBe(theirs);
}

describe('addFilter, removeFilter, listFilters', () => {
  let red: Netns;

  beforeAll(async () => {
    red = await createNetns();
    await run(red, 'ip', 'link', 'add', 'x0', 'type', 'veth', 'peer', 'name', 'x1');
  });

  afterAll(() => red.close());

  beforeEach(() => place(red));

  afterEach(async () => {
    for (const device of ['x0', 'x1']) {
      await removeQdisc(red, device, { ifMissing: 'ignore' });
      await removeQdisc(red, device, { parent: 'ingress' });
    }
  });

  for (const example of [...EXAMPLES, ...EDIT_EXAMPLES, ...KEY_EXAMPLES]) {
    const { words: title, everywhere, needs = everywhere === true ? undefined : FILTERS } = example;
    testWith(needs, title, async () => bothWays(red, example));
  }

  const NARROW: readonly [place: string, words: string, listed: object][] = [
    [
      'egress',
      'u32 match u32 0 0 indev x0 skip_hw action drop',
      { u32: { inputDevice: 'x0', offload: 'never' } },
    ],
    ['egress', 'flower indev x0 skip_hw action drop', { flower: { inputDevice: 'x0', offload: 'never' } }],
    ['egress', 'matchall skip_hw action drop', { matchall: { offload: 'never' } }],
    ['parent 1:', 'handle 6 fw indev x0 classid 1:10', { fw: { mark: 6, inputDevice: 'x0' } }],
  ];
  for (const [where, words, expected] of NARROW) {
    testWith(FILTERS, `${words} is listed and added again as narrow as it is`, async () => {
      const at = where.split(' ');
      await run(red, 'tc', 'filter', 'add', 'dev', 'x1', ...at, ...`prio 5 protocol ip ${words}`.split(' '));
      const theirs = await shown(red, 'x1', ...at);
      const [found] = await listFilters(red, 'x1');
      expect(found).toMatchObject(expected);
      await removeFilter(red, 'x1', found!);
      await addFilter(red, 'x1', found!);
      expect(await shown(red, 'x1', ...at)).toBe(theirs);
    });
  }

  test('a mark that u32 looks at is listed, or refused where the kernel would ignore it', async () => {
    const words = 'filter add dev x1 parent 1: prio 5 protocol ip u32 match mark 5 0xff flowid 1:10';
    await run(red, 'tc', ...words.split(' '));
    const looks = (await shown(red, 'x1', 'parent', '1:')).includes('mark 0x0005 0x00ff');
    const five = { kind: 'u32', parent: '1:', priority: 5, protocol: 'ip', keys: [] } as const;
    const marked = { ...five, classId: '1:10', mark: { value: 5, mask: 0xff } };
    if (looks) {
      expect((await listFilters(red, 'x1'))[0]?.u32?.mark).toEqual({ value: 5, mask: 0xff });
      await addFilter(red, 'x0', marked);
      expect(await shown(red, 'x0', 'parent', '1:')).toBe(await shown(red, 'x1', 'parent', '1:'));
    } else {
      const refused = { name: 'NetlinkError', code: 'EOPNOTSUPP', option: 'mark' };
      expect(await failure(addFilter(red, 'x0', marked))).toMatchObject(refused);
      expect(await listFilters(red, 'x0')).toEqual([]);
    }
  });

  testWith(
    FILTERS,
    'a policer as before there were other actions is listed as the action it is',
    async () => {
      const words = 'u32 match u32 0 0 police rate 1mbit burst 10k mtu 64kb conform-exceed drop/pipe';
      await run(red, 'tc', ...`filter add dev x1 egress prio 5 protocol ip ${words}`.split(' '));
      const [found] = await listFilters(red, 'x1');
      const police = {
        kind: 'police',
        rate: 1_000_000,
        burst: 10_240,
        mtu: 65_536,
        exceed: 'drop',
        conform: 'pipe',
      };
      expect(found?.actions).toMatchObject([police]);
      await addFilter(red, 'x0', found!);
      expect((await listFilters(red, 'x0'))[0]?.actions).toMatchObject([police]);
    },
  );

  // what tc prints of it is no JSON (6.1)
  testWith('the actions bpf, connmark, sample and simple', 'a text that the kernel prints', async () => {
    const at = { kind: 'matchall', parent: 'ingress', priority: 5 } as const;
    await addFilter(red, 'x0', { ...at, actions: [{ kind: 'simple', text: 'hello' }] });
    await run(red, 'tc', ...'filter add dev x1 ingress prio 5 matchall action simple sdata hello'.split(' '));
    const theirs = await shown(red, 'x1', 'ingress');
    expect(theirs).toContain('Simple <hello>');
    expect(await shown(red, 'x0', 'ingress')).toBe(theirs);
    const [found] = await listFilters(red, 'x1');
    expect(found?.actions).toMatchObject([{ kind: 'simple', text: 'hello', control: 'pipe' }]);
  });

  testWith(FILTERS, 'a number that has a name is as good as the name', async () => {
    const at = { kind: 'flower', parent: 'ingress', priority: 5 } as const;
    const keys = { destination: '10.0.0.1', destinationPort: 80 } as const;
    await addFilter(red, 'x0', { ...at, protocol: 0x0800, ipProtocol: 6, ...keys });
    await addFilter(red, 'x1', { ...at, protocol: 'ip', ipProtocol: 'tcp', ...keys });
    expect(await shown(red, 'x0', 'ingress')).toBe(await shown(red, 'x1', 'ingress'));
    const [found] = await listFilters(red, 'x0');
    expect(found).toMatchObject({ protocol: 'ip', flower: { ipProtocol: 'tcp', ...keys } });
    const udp = failure(addFilter(red, 'x0', { ...at, protocol: 0x0800, ipProtocol: 17, tcpFlags: 2 }));
    expect((await udp).message).toBe("tcpFlags: 'ipProtocol' has to be 'tcp'");
  });

  test('where there is none, removing all of a chain says so', async () => {
    const all = { parent: 'ingress' };
    const missing = { name: 'NetlinkError', code: 'ENOENT', device: 'x0' };
    expect(await failure(removeFilter(red, 'x0', all))).toMatchObject(missing);
    await removeFilter(red, 'x0', { ...all, ifMissing: 'ignore' });
    await addFilter(red, 'x0', { kind: 'u32', parent: 'ingress', chain: 3, keys: [] });
    expect(await failure(removeFilter(red, 'x0', all))).toMatchObject(missing);
    await removeFilter(red, 'x0', { ...all, chain: 3 });
    expect(await listFilters(red, 'x0')).toEqual([]);
    expect(await failure(removeFilter(red, 'lo', all))).toMatchObject({ code: 'EINVAL' });
  });

  test('what the kernel refuses', async () => {
    const five = { kind: 'u32', parent: 'ingress', priority: 5, handle: 0x80000801, keys: [] } as const;
    await addFilter(red, 'x0', five);
    const twice = await failure(addFilter(red, 'x0', five));
    expect(twice).toMatchObject({
      name: 'NetlinkError',
      code: 'EEXIST',
      operation: 'add u32 to',
      device: 'x0',
    });
    await addFilter(red, 'x0', { ...five, ifExists: 'ignore' });
    const noPlace = await failure(addFilter(red, 'lo', five));
    expect(noPlace).toMatchObject({ name: 'NetlinkError', code: 'EINVAL' });
    expect(noPlace.message).toContain("there is no such place: 'ingress' and 'egress' need");
    await addQdisc(red, 'lo', { kind: 'htb', handle: '1:' });
    const noClass = await failure(addFilter(red, 'lo', { ...five, parent: '1:99' }));
    expect(noClass).toMatchObject({ name: 'NetlinkError', code: 'ENOENT' });
    expect(noClass.message).toMatch(/there is no such class$/);
    await removeQdisc(red, 'lo');
    const noInput = await failure(addFilter(red, 'x0', { ...five, handle: 0x802, inputDevice: 'nosuch' }));
    expect(noInput).toMatchObject({ option: 'inputDevice', extack: 'Network device not found' });
    const none = { kind: 'nosuch', parent: 'ingress', data: new Uint8Array() };
    expect(await failure(addFilter(red, 'x0', none))).toMatchObject({ name: 'NetlinkError', code: 'ENOENT' });
    const lost = { ...five, actions: [{ kind: 'mirred', mode: 'redirect', device: 'nosuch' }] } as const;
    expect(await failure(addFilter(red, 'x0', lost))).toMatchObject({ code: 'ENODEV', device: 'nosuch' });
    expect(await failure(addFilter(red, 'nosuch', five))).toMatchObject({ code: 'ENODEV', device: 'nosuch' });
    expect(await failure(listFilters(red, 'nosuch'))).toMatchObject({ code: 'ENODEV', device: 'nosuch' });
    const wrong = { parent: 'ingress', priority: 6 };
    expect(await failure(removeFilter(red, 'x0', wrong))).toMatchObject({ code: 'ENOENT', device: 'x0' });
    await removeFilter(red, 'x0', { ...wrong, ifMissing: 'ignore' });
    expect(await failure(removeFilter(red, 'lo', wrong))).toMatchObject({
      name: 'NetlinkError',
      code: 'EINVAL',
    });
  });

  test.each(WRONG)('%j is refused before the kernel is asked', async (options, message) => {
    const error = await failure(addFilter(red, 'nosuch', options as unknown as AddFilterOptions));
    expect(['RangeError', 'TypeError']).toContain(error.name.replace('Located', ''));
    expect(error.message).toMatch(message);
  });

  const EDITS: Capability = 'filters of the kind bpf, and the actions pedit, csum and ct';
  testWith(EDITS, 'a filter that is too large to be listed is removed with all of its chain', async () => {
    const edits = Array.from({ length: 255 }, () => ({ field: 'ip ttl', set: 1 }) as const);
    const large = { kind: 'matchall', parent: 'egress', priority: 5 } as const;
    const actions = [1, 2, 3].map(() => ({ kind: 'pedit', edits }) as const);
    await addFilter(red, 'x0', { ...large, actions });
    await removeFilter(red, 'x0', { parent: 'egress' });
    const code = { name: 'NetlinkError', code: 'ENOENT' };
    expect(await failure(removeFilter(red, 'x0', large))).toMatchObject(code);
    expect(await failure(removeFilter(red, 'x0', { parent: 'egress' }))).toMatchObject(code);
  });

  test('all filters of a priority, and all of a chain, are removed at once', async () => {
    const filter = { kind: 'u32', parent: 'egress', keys: [] } as const;
    for (const priority of [3, 3, 4, 5]) await addFilter(red, 'x0', { ...filter, priority });
    await addFilter(red, 'x0', { ...filter, priority: 6, chain: 2 });
    const priorities = async () =>
      (await listFilters(red, 'x0')).map(({ priority, chain }) => [priority, chain]);
    expect(await priorities()).toEqual([
      [3, 0],
      [3, 0],
      [4, 0],
      [5, 0],
      [6, 2],
    ]);
    await removeFilter(red, 'x0', { parent: 'egress', priority: 3 });
    expect(await priorities()).toEqual([
      [4, 0],
      [5, 0],
      [6, 2],
    ]);
    await removeFilter(red, 'x0', { parent: 'egress' });
    expect(await priorities()).toEqual([[6, 2]]);
    await removeFilter(red, 'x0', { parent: 'egress', chain: 2 });
    expect(await priorities()).toEqual([]);
  });

  testWith(FILTERS, 'a priority has one kind and one protocol, and a matchall is not replaced', async () => {
    const one = { kind: 'matchall', parent: 'egress', priority: 5, protocol: 'ip' } as const;
    await addFilter(red, 'x0', one);
    const refused = async (options: AddFilterOptions) => {
      const error = await failure(addFilter(red, 'x0', options));
      expect(error).toMatchObject({ name: 'NetlinkError' });
      return error.message;
    };
    expect(await refused({ ...one, protocol: 'ipv6', ifExists: 'replace' })).toMatch(
      /^EINVAL: .*: the filters of this priority are of another protocol, /,
    );
    expect(await refused({ kind: 'u32', parent: 'egress', priority: 5, protocol: 'ip', keys: [] })).toMatch(
      /^EINVAL: .*: the filters of this priority are of another kind, /,
    );
    expect(await refused(one)).toMatch(/^EEXIST: .*: there is a filter of this priority and handle already$/);
    expect(await refused({ ...one, ifExists: 'replace' })).toMatch(
      /^EEXIST: .*: the kernel changes no such filter of the kind matchall: remove it first$/,
    );
    await removeFilter(red, 'x0', { parent: 'egress' });
  });

  test('what is removed by its number has a priority', async () => {
    const error = await failure(removeFilter(red, 'nosuch', { parent: 'ingress', handle: 5 }));
    expect(error.message).toMatch(/^priority: it has to be given with/);
  });

  test('addresses of two families make no keys', () => {
    expect(() => u32Keys({ source: '10.0.0.1', destination: 'fd00::1' })).toThrow(
      /^match: addresses of IPv4 and/,
    );
    expect(() => u32Keys({ sorce: '10.0.0.1' } as never)).toThrow(/^sorce: .* did you mean 'source'/);
  });

  test('filters of a class are listed where it is named, and the root needs no number', async () => {
    const all = { kind: 'u32', keys: [], classId: '1:10' } as const;
    await addFilter(red, 'x0', { ...all, parent: '1:10' });
    expect(await listFilters(red, 'x0')).toEqual([]);
    expect(await listFilters(red, 'x0', { parent: '1:10' })).toMatchObject([
      { parent: '1:10', classId: '1:10' },
    ]);
    await addFilter(red, 'x0', { ...all, parent: 'root', priority: 7 });
    expect(await listFilters(red, 'x0')).toMatchObject([{ parent: '1:', priority: 7 }]);
    expect(await run(red, 'tc', 'filter', 'show', 'dev', 'x0')).toContain('pref 7 u32 chain 0');
  });

  testWith(FILTERS, 'what an action has counted is listed', async () => {
    await run(red, 'sh', '-c', 'ip link set lo up; tc qdisc add dev lo clsact');
    const drop = { kind: 'gact', control: 'pass' } as const;
    await addFilter(red, 'lo', { kind: 'matchall', parent: 'egress', protocol: 'ip', actions: [drop] });
    await run(red, 'ping', '-c', '2', '-i', '0.2', '127.0.0.1');
    const [found] = await listFilters(red, 'lo');
    const said = JSON.parse(
      await run(red, 'tc', '-j', '-s', 'filter', 'show', 'dev', 'lo', 'egress'),
    ) as Json[];
    const [action] = (said[1]!['options'] as { actions: { stats: object }[] }).actions;
    expect(found!.actions[0]!.use.statistics).toEqual(action!.stats);
    expect(found!.actions[0]!.use.statistics.packets).toBe(4);
    await removeQdisc(red, 'lo', { parent: 'ingress' });
  });
});
