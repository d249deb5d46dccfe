import type { RouteOptions } from '../../lib';

type EncapOptions = NonNullable<RouteOptions['encap']>;

const FOUR = { to: '10.11.0.0/16', device: 'eth0' } as const;
const SIX = { to: 'fd11::/64', device: 'eth0' } as const;
const ONE = { to: 'fd11::1:2:3:4', device: 'eth0' } as const;
const to = (route: typeof FOUR | typeof SIX | typeof ONE, encap: EncapOptions, words: string) =>
  [{ ...route, encap }, `${route.to} encap ${encap.type} ${words} dev eth0`] as const;
const segments = ['fd00::7', 'fd00::8'];
const SEGS = 'segs fd00::7,fd00::8';

const TRACE = { namespace: 5, traceType: 0x800000, size: 12 } as const;
const TRACED = 'trace prealloc type 0x800000 ns 5 size 12';

/** Routes whose packets are wrapped, by our options and by the words of ip. */
export const WRAPPED: readonly (readonly [options: RouteOptions, words: string])[] = [
  to(
    FOUR,
    { type: 'ip', id: 5, src: '10.0.0.1', dst: '10.0.0.7', ttl: 9, tos: 16 },
    'id 5 src 10.0.0.1 dst 10.0.0.7 ttl 9 tos 0x10',
  ),
  to(
    FOUR,
    { type: 'ip', id: 5, dst: '10.0.0.7', key: true, checksum: true, sequence: true },
    'id 5 dst 10.0.0.7 key csum seq',
  ),
  to(FOUR, { type: 'ip', dst: '10.0.0.7' }, 'dst 10.0.0.7'),
  to(SIX, { type: 'ip6', id: 5, dst: 'fd00::7', hopLimit: 9 }, 'id 5 dst fd00::7 hoplimit 9'),
  to(
    SIX,
    { type: 'ip6', dst: 'fd00::7', src: 'fd00::1', trafficClass: 16, key: true },
    'dst fd00::7 src fd00::1 tc 0x10 key',
  ),
  to(FOUR, { type: 'mpls', labels: [100, 1048575], ttl: 7 }, '100/1048575 ttl 7'),
  to(FOUR, { type: 'mpls', labels: [16] }, '16'),
  ...(['encap', 'l2encap', 'inline', 'encap.red', 'l2encap.red'] as const).map((mode) =>
    to(SIX, { type: 'seg6', mode, segments }, `mode ${mode} ${SEGS}`),
  ),
  to(FOUR, { type: 'seg6', mode: 'encap', segments }, `mode encap ${SEGS}`),
  to(SIX, { type: 'seg6local', action: 'End' }, 'action End'),
  to(SIX, { type: 'seg6local', action: 'End', counters: true }, 'action End count'),
  to(SIX, { type: 'seg6local', action: 'End', flavors: ['psp'] }, 'action End flavors psp'),
  to(
    SIX,
    { type: 'seg6local', action: 'End', flavors: ['next-csid'], blockBits: 40, nodeFunctionBits: 24 },
    'action End flavors next-csid lblen 40 nflen 24',
  ),
  to(SIX, { type: 'seg6local', action: 'End.X', via: 'fd00::7' }, 'action End.X nh6 fd00::7'),
  to(SIX, { type: 'seg6local', action: 'End.T', table: 'main' }, 'action End.T table 254'),
  to(SIX, { type: 'seg6local', action: 'End.DX2', device: 'eth1' }, 'action End.DX2 oif eth1'),
  to(SIX, { type: 'seg6local', action: 'End.DX4', via: '10.0.0.7' }, 'action End.DX4 nh4 10.0.0.7'),
  to(SIX, { type: 'seg6local', action: 'End.DX6', via: 'fd00::7' }, 'action End.DX6 nh6 fd00::7'),
  to(SIX, { type: 'seg6local', action: 'End.DT6', table: 1000 }, 'action End.DT6 table 1000'),
  to(SIX, { type: 'seg6local', action: 'End.B6', segments }, `action End.B6 srh ${SEGS}`),
  to(SIX, { type: 'seg6local', action: 'End.B6.Encaps', segments }, `action End.B6.Encaps srh ${SEGS}`),
  to(SIX, { type: 'rpl', segments }, SEGS),
  to(SIX, { type: 'ioam6', ...TRACE }, TRACED),
  to(SIX, { type: 'ioam6', mode: 'encap', dst: 'fd00::7', ...TRACE }, `mode encap tundst fd00::7 ${TRACED}`),
  to(
    SIX,
    { type: 'ioam6', mode: 'auto', dst: 'fd00::7', ...TRACE, frequency: { packets: 1, of: 10 } },
    `freq 1/10 mode auto tundst fd00::7 ${TRACED}`,
  ),
  to(ONE, { type: 'ila', locator: '2001:db8:0:1' }, '2001:db8:0:1'),
  to(
    ONE,
    { type: 'ila', locator: '1:2:3:4', checksum: 'neutral-map', identifier: 'luid', hook: 'input' },
    '1:2:3:4 csum-mode neutral-map ident-type luid hook-type input',
  ),
  to(SIX, { type: 'xfrm', interfaceId: 5 }, 'if_id 5'),
  to(FOUR, { type: 'xfrm', interfaceId: 4294967295, device: 'eth1' }, 'if_id 4294967295 link_dev eth1'),
];
