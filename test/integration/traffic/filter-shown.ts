import type { ActionChance, Filter, ListedAction, PortMatch, TrafficControl } from '../../../lib';
import type { Json } from '../../support/ip';
import { EDITS_SHOWN } from './edit-shown';
import { KEYS_SHOWN, TUNNEL_ACTIONS_SHOWN } from './key-shown';

type Devices = Readonly<Record<string, number>>;
/** What tc calls a field, and what listFilters returns for it. */
type Fields<T> = Readonly<Record<string, (found: T, devices: Devices) => unknown>>;
type Own = Readonly<{
  control: TrafficControl;
  exceed: TrafficControl;
  conform: TrafficControl;
  priority: number;
  mask: number;
  [name: string]: unknown;
}>;

const control = (found: TrafficControl | undefined): object => {
  if (typeof found === 'object')
    return 'jump' in found ? { type: 'jump', ...found } : { type: 'goto', ...found };
  return { type: found };
};

const USE: Fields<ListedAction> = {
  index: ({ use }) => use.index,
  ref: ({ use }) => use.references,
  bind: ({ use }) => use.bindings,
  stats: ({ use }) => use.statistics,
};

const CHANCES: Readonly<Record<string, string>> = { random: 'netrand', every: 'determ' };
const NO_CHANCE = { type: 'none', value: 0, control: 'pass' };

const id = (priority: number) => `${(priority >>> 16).toString(16)}:${(priority & 0xffff).toString(16)}`;

/** What `tc -j` prints of the action police is its last `control_action` only, and nothing of its rates: the text has them. */
const ACTIONS: Readonly<Record<string, Fields<Own>>> = {
  ...EDITS_SHOWN,
  ...TUNNEL_ACTIONS_SHOWN,
  gact: {
    control_action: (found) => control(found.control),
    prob: (found) => {
      const { type, value, control: instead } = (found['chance'] ?? NO_CHANCE) as ActionChance;
      return { random_type: CHANCES[type] ?? 'none', control_action: control(instead), val: value };
    },
  },
  mirred: {
    mirred_action: (found) => found['mode'],
    direction: (found) => found['direction'],
    to_dev: (found, devices) => Object.keys(devices).find((name) => devices[name] === found['device']),
    control_action: (found) => control(found.control),
  },
  police: {
    control_action: (found) => control(found.conform === 'pass' ? found.exceed : found.conform),
    overhead: (found) => found['overhead'],
    linklayer: (found) => found['linkLayer'],
  },
  skbedit: {
    queue_mapping: (found) => found['queue'],
    priority: (found) => id(found.priority),
    mark: (found) => found['mark'],
    mask: (found) => found.mask.toString(16),
    ptype: (found) => found['packetType'],
    inheritdsfield: () => null,
    control_action: (found) => control(found.control),
  },
  vlan: {
    vlan_action: (found) => found['mode'],
    id: (found) => found['id'],
    protocol: (found) => found['protocol'],
    priority: (found) => found.priority,
    control_action: (found) => control(found.control),
  },
};

const port = (found: PortMatch | undefined) => {
  if (typeof found !== 'object') return found;
  if ('from' in found) return { start: found.from, end: found.to };
  return found.value;
};

/** tc has no words for these (6.1). */
const ETHER_TYPES: Readonly<Record<string, string>> = { ip: 'ipv4', mpls_uc: '8847' };

const FLOWER: Fields<NonNullable<Filter['flower']>> = {
  ...KEYS_SHOWN,
  vlan_id: ({ vlan }) => vlan?.id,
  vlan_prio: ({ vlan }) => vlan?.priority,
  vlan_ethtype: ({ vlan }) => vlan?.etherType,
  dst_mac: ({ destinationMac }) => destinationMac,
  src_mac: ({ sourceMac }) => sourceMac?.replace('/ff:ff:00:00:00:00', '/16'),
  eth_type: ({ etherType, vlan }) => ETHER_TYPES[String(vlan?.etherType ?? etherType)] ?? etherType,
  ip_proto: ({ ipProtocol }) => ipProtocol,
  src_ip: ({ source }) => source,
  dst_ip: ({ destination }) => destination,
  src_port: ({ sourcePort }) => port(sourcePort),
  dst_port: ({ destinationPort }) => port(destinationPort),
  dst_port_mask: ({ destinationPort }) =>
    (destinationPort as { mask?: number } | undefined)?.mask?.toString(16),
};

/** What tc prints beside the keys and the actions. */
const OPTIONS: Fields<Filter> = {
  // of bpf, tc prints it in hexadecimal
  handle: ({ kind, handle }) => (kind === 'bpf' ? `0x${handle.toString(16)}` : handle),
  bytecode: ({ bpf }) => ({
    length: bpf!.program!.length,
    insns: bpf!.program!.map(([code, jt, jf, k]) => ({ code, jt, jf, k })),
  }),
  fh: ({ handle }) => `${(handle >>> 20).toString(16)}::${(handle & 0xfff).toString(16)}`,
  order: ({ handle }) => handle & 0xfff,
  key_ht: ({ u32 }) => (u32!.table >>> 20).toString(16),
  bkt: ({ handle }) => ((handle >>> 12) & 0xff).toString(16),
  flowid: ({ classId }) => classId,
  classid: ({ classId }) => classId,
  not_in_hw: ({ inHardware }) => inHardware === false,
  // how often filters were asked is counted by kernels that are built for it
  rule_hit: () => 0,
  success: () => 0,
  // of all keys JSON.parse returns the last one: the text has them all
  match: ({ u32 }) => {
    const { value, mask, offset, behindIp } = u32!.keys.at(-1)!;
    const [shown, bits] = [value, mask].map((word) => word.toString(16));
    return { value: shown, mask: bits, offmask: behindIp === true ? 'nexthdr+' : '', off: offset };
  },
  keys: ({ flower }, devices) => compared(flower!, FLOWER, devices, Object.keys(FLOWER)),
};

/** What is returned, under the names of tc. */
function compared<T>(found: T, fields: Fields<T>, devices: Devices, names: string[]): Json {
  // a field that is not in the table is one that listFilters does not return
  const value = (name: string) => (Object.hasOwn(fields, name) ? fields[name]!(found, devices) : 'missing');
  return JSON.parse(JSON.stringify(Object.fromEntries(names.map((name) => [name, value(name)])))) as Json;
}

function seenActions(found: readonly ListedAction[], said: readonly Json[], devices: Devices): void {
  expect(found.length).toBe(said.length);
  for (const [i, { order, kind, installed, last_used: lastUsed, ...rest }] of said.entries()) {
    const one = found[i]!;
    expect([i + 1, one.kind]).toEqual([order, kind]);
    // tc has read them a moment later
    expect(one.use.installed).toBeLessThanOrEqual(Number(installed));
    expect(one.use.lastUsed).toBeLessThanOrEqual(Number(lastUsed));
    const fields = { ...USE, ...ACTIONS[one.kind] } as Fields<ListedAction>;
    expect(compared(one, fields, devices, Object.keys(rest))).toEqual(rest);
  }
}

/** `tc -j` prints no JSON of fw (6.1): of the handle and the class, text, in the place of a name and its value. */
const mended = (json: string) => json.replace(/\{handle 0x[^"}]*/g, '{');

/** Compares a filter that was listed with what tc shows, field by field. */
export function seen(found: Filter, json: string, text: string, devices: Devices): void {
  const said = (JSON.parse(mended(json)) as Json[]).at(-1)!;
  const { parent, protocol, pref, kind, chain, options } = said;
  expect(found).toMatchObject({ kind, priority: pref, chain });
  expect(String(found.protocol)).toBe(protocol);
  if (parent !== undefined) expect(found.parent).toBe(parent);
  const { actions, ...rest } = options as Json & { actions?: Json[] };
  expect(compared(found, OPTIONS, devices, Object.keys(rest))).toEqual(rest);
  seenActions(found.actions, actions ?? [], devices);

  const keys = [...text.matchAll(/match ([0-9a-f]{8})\/([0-9a-f]{8}) at (\S+)/g)].map((match) =>
    match.slice(1),
  );
  const hex = (word: number) => word.toString(16).padStart(8, '0');
  expect(
    (found.u32?.keys ?? []).map(({ value, mask, offset, behindIp }) => [
      ...[hex(value), hex(mask)],
      `${behindIp === true ? 'nexthdr+' : ''}${offset}`,
    ]),
  ).toEqual(keys);
  if (found.fw !== undefined) {
    const { mark, mask } = found.fw as { mark: number; mask?: number };
    const bits = mask === undefined || mask === 0xffffffff ? '' : `/0x${mask.toString(16)}`;
    expect(text).toContain(`handle 0x${mark.toString(16)}${bits} `);
    if (found.classId !== undefined) expect(text).toContain(`classid ${found.classId} `);
  }
}
