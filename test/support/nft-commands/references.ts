import type { nft } from '../../../lib';

// The tables, chains and sets of the commands.

export const t = { family: 'inet', name: 't' } as const;
export const x = { family: 'ip', name: 'x' } as const;
export const b = { family: 'bridge', name: 'b' } as const;
export const n = { family: 'netdev', name: 'n' } as const;

export const chain = (table: nft.TableReference, name: string) => ({ table, name });
export const [pre, post, forw] = [chain(t, 'pre'), chain(t, 'post'), chain(t, 'forw')];
export const [first, other] = [chain(t, 'first'), chain(t, 'other')];
export const [out, bridged, ingress] = [chain(x, 'out'), chain(b, 'f'), chain(n, 'i')];

export const ports = {
  table: t,
  name: 'ports',
  key: ['ipv4_addr', 'inet_proto', 'inet_service'],
  value: ['ipv4_addr', 'inet_service'],
} as const;
export const ports6 = {
  table: t,
  name: 'ports6',
  key: ['ipv6_addr', 'inet_proto', 'inet_service'],
  value: ['ipv6_addr', 'inet_service'],
} as const;
export const hosts = { table: t, name: 'hosts', key: 'inet_service', value: 'ipv4_addr' } as const;
export const verdicts = { table: t, name: 'verdicts', key: 'ifname', value: 'verdict' } as const;
export const nets = { table: t, name: 'nets', key: 'ipv4_addr', flags: ['interval'] } as const;
export const netports = {
  table: t,
  name: 'netports',
  key: ['ipv4_addr', 'inet_service'],
  flags: ['interval'],
} as const;
export const recent = {
  table: t,
  name: 'recent',
  key: 'ipv4_addr',
  flags: ['dynamic'],
  timeout: 60_000,
  size: 1000,
} as const;
export const clients = {
  table: t,
  name: 'clients',
  key: 'inet_service',
  value: ['ipv4_addr', 'inet_service'],
  flags: ['dynamic'],
  timeout: 60_000,
  size: 1000,
} as const;
export const senders = {
  table: t,
  name: 'senders',
  key: 'inet_service',
  value: 'ipv4_addr',
  flags: ['dynamic'],
  size: 1000,
} as const;
export const counted = { table: t, name: 'counted', key: 'ipv6_addr' } as const;
export const marks = { table: t, name: 'marks', key: 'mark' } as const;
export const counters = {
  table: t,
  name: 'counters',
  key: 'inet_service',
  value: { object: 'counter' },
} as const;
