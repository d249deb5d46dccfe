import { type CreateLinkOptions, createLink } from '../../../lib/links/create-link';
import { setLink } from '../../../lib/links/set-link';
import { LINK_OPTIONS } from '../../../lib/links/link-request';
import type { Link } from '../../../lib/links/link-view';
import { NLM_F_ECHO } from '../../../lib/netlink/message';
import { kinds, type LinkKindOptions, type LinkKindViews } from '../../../lib/netlink/rtnetlink/kinds';
import { link } from '../../../lib/netlink/rtnetlink/link';
import type { Noun } from '../../golden/captures';
import { fakeNetns, ipSaid, type Said, said } from '../support/fake-netns';

const KINDS = `expected ${Object.keys(kinds).join(', ')}, or another one with its bytes in 'data'`;

describe('what the compiler checks', () => {
  const checked = (options: CreateLinkOptions) => options.kind;

  test('a known kind has its own options and those of all links', () => {
    expect(checked({ kind: 'bridge', name: 'br0', up: true, stp: true, priority: 7 })).toBe('bridge');
    expect(checked({ kind: 'veth', name: 'a', peer: { name: 'b', mtu: 1400 } })).toBe('veth');
  });

  test('a misspelt option, and that of another kind, do not compile', () => {
    // @ts-expect-error: misspelt
    checked({ kind: 'bridge', name: 'br0', prioritty: 7 });
    // @ts-expect-error: misspelt, of all links
    checked({ kind: 'bridge', name: 'br0', mtuu: 7 });
    // @ts-expect-error: misspelt, with data
    checked({ kind: 'bridge', name: 'br0', prioritty: 7, data: new Uint8Array() });
    // @ts-expect-error: of another kind
    checked({ kind: 'veth', name: 'a', priority: 7 });
    // @ts-expect-error: misspelt, within an option
    checked({ kind: 'veth', name: 'a', peer: { nmae: 'b' } });
    // @ts-expect-error: of another type
    checked({ kind: 'bridge', priority: '7' });
    checked({ kind: 'vlan', link: 'eth0', id: 100 });
    // @ts-expect-error: without its number
    checked({ kind: 'vlan', link: 'eth0' });
    // @ts-expect-error: without the device below
    checked({ kind: 'vlan', id: 100 });
    // @ts-expect-error: misspelt
    checked({ kind: 'vlan', link: 'eth0', id: 100, protocoll: '802.1ad' });
    checked({ kind: 'dummy', name: 'd0', mtu: 1400 });
    // @ts-expect-error: it has no options of its own
    checked({ kind: 'dummy', name: 'd0', id: 100 });
  });

  test('another kind has its data in bytes, and nothing else', () => {
    expect(checked({ kind: 'vcan', name: 'can0', data: new Uint8Array() })).toBe('vcan');
    // @ts-expect-error: without data
    checked({ kind: 'vcan', name: 'can0' });
    // @ts-expect-error: a misspelt kind
    checked({ kind: 'brigde', priority: 7 });
  });

  test('what a link shows of its kind has the name of the kind', () => {
    const views: (keyof LinkKindViews)[] = ['bridge', 'vlan'];
    // @ts-expect-error: the kernel reports nothing of a veth pair's own
    views.push('veth');
    const settings: LinkKindOptions['bridge'] = { stp: true };
    const numbers = (link: Link): unknown[] => [link.bridge?.priority, link.vlan?.id];
    expect([views, settings, numbers]).toHaveLength(3);
  });
});

describe('createLink', () => {
  /** The request that creates it. */
  async function requestOf(options: CreateLinkOptions): Promise<Said> {
    const { netns, asked } = fakeNetns();
    await createLink(netns, options);
    return said(asked()[0]!, link.codec);
  }

  /** What `ip` says, but that it gives the index and wants no echo. */
  function ipSays(noun: Noun, command: string): Said {
    const { flags, value, ...rest } = ipSaid(noun, command, link.codec);
    return { ...rest, flags: flags | NLM_F_ECHO, value: { ...(value as object), index: 0 } };
  }

  test('a bridge as ip link add, but for the MTU, which is set later', async () => {
    const command =
      'ip link add index 11 name br1 address 02:00:00:00:00:11 mtu 1400 txqueuelen 500 group 7 type bridge';
    const { value, ...rest } = ipSays('link', command);
    const { mtu, ...others } = value as { mtu: number };
    const options = {
      kind: 'bridge',
      name: 'br1',
      mac: '02:00:00:00:00:11',
      txQueueLength: 500,
      group: 7,
    } as const;
    expect(await requestOf({ ...options, mtu })).toEqual({ ...rest, value: others });
    expect(await requestOf({ ...options, mtu: 1500 })).toMatchObject({ value: { ...others, mtu: 1499 } });
  });

  test.each<[noun: Noun, command: string, options: CreateLinkOptions]>([
    [
      'bridge',
      'ip link add index 10 name br0 address 02:00:00:00:00:10 type bridge stp_state 1 forward_delay 400 ' +
        'hello_time 100 max_age 600 ageing_time 12000 priority 4096 group_fwd_mask 8',
      {
        kind: 'bridge',
        name: 'br0',
        mac: '02:00:00:00:00:10',
        stp: true,
        forwardDelay: 400,
        helloTime: 100,
        maxAge: 600,
        ageingTime: 12000,
        priority: 4096,
        groupForwardMask: 8,
      },
    ],
    [
      'dummy',
      'ip link add index 60 name d0 address 02:00:00:00:00:60 type dummy',
      { kind: 'dummy', name: 'd0', mac: '02:00:00:00:00:60' },
    ],
    [
      'vlan',
      'ip link add link br0 index 61 name br0.100 type vlan id 100',
      { kind: 'vlan', name: 'br0.100', link: 'br0', id: 100 },
    ],
    [
      'vlan',
      'ip link add link br0 index 61 name br0.100 type vlan id 100',
      { kind: 'vlan', name: 'br0.100', link: 10, id: 100 },
    ],
    [
      'vlan',
      'ip link add link br0 index 62 name br0.200 type vlan protocol 802.1ad id 200 reorder_hdr off gvrp on mvrp on ' +
        'loose_binding on bridge_binding off ingress-qos-map 1:2 3:4 egress-qos-map 5:6',
      {
        kind: 'vlan',
        name: 'br0.200',
        link: 'br0',
        id: 200,
        protocol: '802.1ad',
        reorderHeader: false,
        gvrp: true,
        mvrp: true,
        looseBinding: true,
        bridgeBinding: false,
        ingressPriorities: [
          { from: 1, to: 2 },
          { from: 3, to: 4 },
        ],
        egressPriorities: [{ from: 5, to: 6 }],
      },
    ],
  ])('%s, as %s', async (noun, command, options) => {
    expect(await requestOf(options)).toEqual(ipSays(noun, command));
  });

  test('a veth pair', async () => {
    const { value } = await requestOf({ kind: 'veth', name: 'va', peer: { name: 'vb', mtu: 1400 } });
    expect(value).toMatchObject({
      name: 'va',
      info: { kind: 'veth', data: { peer: { index: 0, name: 'vb', mtu: 1400 } } },
    });
  });

  test('a kind that no file knows, with its data in bytes', async () => {
    const data = Buffer.from('0800010001000000', 'hex'); // IFLA_AMT_MODE: a relay
    expect((await requestOf({ kind: 'amt', link: 'br0', data })).value).toMatchObject({
      link: 10,
      info: { kind: 'amt', data },
    });
    const { value } = await requestOf({ kind: 'vcan', name: 'can0', data: new Uint8Array() });
    expect(value).toMatchObject({ name: 'can0', info: { kind: 'vcan' } });
    expect(value).not.toHaveProperty('info.data');
  });

  test.each<[options: object, message: string]>([
    [{ kind: 'bridge', mtuu: 1 }, "mtuu: there is no such option; did you mean 'mtu'?"],
    [
      { kind: 'bridge', forwardDealy: 1 },
      "forwardDealy: there is no such option; did you mean 'forwardDelay'?",
    ],
    [{ kind: 'bridge', spanningTree: true }, 'spanningTree: there is no such option'],
    [{ kind: 'dummy', priority: 1 }, 'priority: there is no such option'],
    [{ kind: 'vlan', link: 'br0', ip: 100 }, "ip: there is no such option; did you mean 'id'?"],
    [{ kind: 'bridge', data: new Uint8Array() }, 'data: there is no such option'],
    [{ kind: 'vcan', data: new Uint8Array(), id: 1 }, 'id: there is no such option'],
    [{ kind: 'vlna', id: 1 }, `kind: ${KINDS}, got "vlna"; did you mean 'vlan'?`],
    [{ type: 'veth', name: 'a' }, "type: there is no such option; did you mean 'kind'?"],
    [
      { kind: 'amt', link: 'eth0' },
      `kind: ${KINDS}, got "amt"; ` +
        'the kernel may have this kind, but the library knows none of its options',
    ],
    [{ kind: 'vlan', id: 100 }, 'link: it has to be given'],
    [{ kind: 'ipvlan', mode: 'l3' }, 'link: it has to be given'],
    [{ kind: 'vlan', link: 'eth0' }, 'id: it has to be given'],
    [{}, `kind: ${KINDS}, got undefined`],
    [{ kind: 'vlan', link: 'br0', id: '100' }, 'id: expected an integer from 0 to 4094, got "100"'],
    [{ kind: 'vlan', link: 'br0', id: 1, gvrp: 1 }, 'gvrp: expected true or false, got 1'],
    [{ kind: 'veth', peer: { mtu: '1' } }, 'peer.mtu: expected a number, got "1"'],
    [{ kind: 'vlan', link: {}, id: 1 }, 'link: a device name is a string, got [object Object]'],
  ])('%j is refused before any system call', async (options, message) => {
    const { netns, asked } = fakeNetns();
    await expect(createLink(netns, options as CreateLinkOptions)).rejects.toThrow(new TypeError(message));
    expect(asked()).toEqual([]);
  });

  test('a VLAN has a number that its tag can carry', async () => {
    const { netns, asked } = fakeNetns();
    await expect(createLink(netns, { kind: 'vlan', link: 'br0', id: 4095 })).rejects.toThrow(
      new RangeError('id: expected an integer from 0 to 4094, got 4095'),
    );
    expect(asked()).toEqual([]);
  });

  test('what is undefined is left out', async () => {
    const options = { kind: 'bridge', name: 'br0', nosuch: undefined, priority: undefined };
    expect((await requestOf(options as unknown as CreateLinkOptions)).value).toMatchObject({ name: 'br0' });
  });
});

describe('setLink with a kind', () => {
  test('what can be changed', async () => {
    const { netns, asked } = fakeNetns();
    await setLink(netns, 'br0', { kind: 'vlan', gvrp: false, egressPriorities: [{ from: 2, to: 7 }] });
    const { value, ...rest } = ipSaid(
      'vlan',
      'ip link set br0 type vlan gvrp off egress-qos-map 2:7',
      link.codec,
    );
    expect(said(asked()[0]!, link.codec)).toEqual({
      ...rest,
      value: { ...(value as object), index: 0, name: 'br0' },
    });
  });

  test('what is for creation only', async () => {
    const { netns, asked } = fakeNetns();
    await expect(setLink(netns, 'br0', { kind: 'vlan', id: 7 })).rejects.toThrow(
      new TypeError('id: it can be given at creation only'),
    );
    expect(asked()).toEqual([]);
  });
});

test('no kind has an option that all links have', () => {
  const taken = Object.entries(kinds).flatMap(([kind, { options }]) =>
    Object.keys(options)
      .filter((name) => ['kind', 'name', 'link', ...Object.keys(LINK_OPTIONS)].includes(name))
      .map((name) => `${kind}.${name}`),
  );
  expect(taken).toEqual([]);
});
