import { checkInteger, checkU32 } from '../../common/check';
import { checkOptions, integerFrom, isText, oneOf, optionTable, trueOrFalse } from '../../common/options';
import { printable } from '../../common/printable';
import { shown } from '../../common/shown';
import { align } from '../../netlink/bytes';
import { LOG_LEVELS } from '../../netlink/nfnetlink/expressions/statements';
import { OBJECT_TYPES } from '../../netlink/nfnetlink/object';
import { checkKey, checkValue, isStatement, loadKey, registerAt, type Statement } from './match';
import { checkSelector, checkSelectors } from './operands';
import { type Expression, type ObjectKind, type SetReference, TIME_UNITS, type TimeUnit } from './model';
import { COUNTER, isCount, isExpressions, LIMIT_OPTIONS, SET } from './tables';
import { type Needs, type Selector, tcpOption } from './selectors';
import { DATATYPES, type Scalar } from './types';

/**
 * Counts what comes this far, from zero by default.
 *
 * @example
 * ```ts
 * // udp dport 53 counter packets 0 bytes 0
 * const statements = [nft.match(nft.udp.dport, 53), nft.counter()];
 * await nft.apply(red, [nft.addRule(chain, statements)]);
 * ```
 */
export function counter(start: { packets?: number; bytes?: number } = {}): Statement {
  checkOptions(start, COUNTER, { whole: 'start' });
  const { packets, bytes } = start;
  const data =
    packets === undefined && bytes === undefined ? {} : { bytes: bytes ?? 0, packets: packets ?? 0 };
  return { expressions: [{ name: 'counter', data }] };
}

const isObjectKind = oneOf(Object.keys(OBJECT_TYPES));

/**
 * Uses a named object: useObject('counter', 'http').
 *
 * @example
 * ```ts
 * const counter = nft.addObject({ table, name: 'http', type: 'counter' });
 * // tcp dport 80 counter name "http"
 * const statements = [nft.match(nft.tcp.dport, 80), nft.useObject('counter', 'http')];
 * await nft.apply(red, [counter, nft.addRule(chain, statements)]);
 * ```
 */
export function useObject(kind: ObjectKind, name: string): Statement {
  isObjectKind(kind, 'kind');
  isText(name, 'name');
  return { expressions: [{ name: 'objref', data: { type: OBJECT_TYPES[kind], name } }] };
}

/** How much may pass in a time. */
export interface LimitOptions {
  /** How many packets or bytes in the time. */
  rate: number;
  /** 'second' by default. */
  per?: TimeUnit;
  /** How many packets or bytes may come at once: 5 packets by default, as with nft. */
  burst?: number;
  /** 'packets' by default. */
  unit?: 'packets' | 'bytes';
  /** Whether to match what exceeds the rate, instead of what keeps to it. */
  over?: boolean;
}

const LIMIT = optionTable<LimitOptions>(LIMIT_OPTIONS);

/** @internal */
export function limitData({ rate, per = 'second', burst, unit = 'packets', over = false }: LimitOptions) {
  if (!Number.isInteger(rate) || rate < 1) {
    throw new RangeError(`rate: expected a positive integer, got ${shown(rate)}`);
  }
  if (!Object.hasOwn(TIME_UNITS, per)) {
    throw new RangeError(`per: expected one of ${Object.keys(TIME_UNITS).join(', ')}, got ${shown(per)}`);
  }
  const allowed = burst ?? (unit === 'packets' ? 5 : 0);
  return {
    rate: rate,
    unit: TIME_UNITS[per],
    ...(allowed > 0 && { burst: allowed }),
    type: unit,
    flags: over ? 1 : 0,
  } as const;
}

/**
 * Matches while packets keep to the rate, or with `over`, when they exceed it.
 *
 * @example
 * ```ts
 * // icmp type echo-request limit rate over 10/second drop
 * const statements = [nft.match(nft.icmp.type, 'echo-request'), nft.limit({ rate: 10, over: true }), nft.drop()];
 * await nft.apply(red, [nft.addRule(chain, statements)]);
 * ```
 */
export function limit(options: LimitOptions): Statement {
  checkOptions(options, LIMIT);
  return { expressions: [{ name: 'limit', data: limitData(options) }] };
}

const QUOTA = optionTable<{ over?: boolean }>({ over: trueOrFalse });

/**
 * Matches until this many bytes have come, or with `over`, from then on.
 *
 * @example
 * ```ts
 * // tcp sport 80 quota over 1000000000 bytes drop
 * const statements = [nft.match(nft.tcp.sport, 80), nft.quota(1_000_000_000, { over: true }), nft.drop()];
 * await nft.apply(red, [nft.addRule(chain, statements)]);
 * ```
 */
export function quota(bytes: number, options: { over?: boolean } = {}): Statement {
  checkInteger('bytes', bytes, 0, Number.MAX_SAFE_INTEGER);
  checkOptions(options, QUOTA);
  const { over = false } = options;
  return {
    expressions: [{ name: 'quota', data: { bytes: bytes, consumed: 0, flags: over ? 1 : 0 } }],
  };
}

/** Where a packet is logged, and how. */
export interface LogOptions {
  /** At most 127 bytes. */
  prefix?: string;
  /** Level in the kernel's own log; 'warn' by default. */
  level?: keyof typeof LOG_LEVELS;
  /** Group of nfnetlink_log: the packet is sent to the program that listens to the group, instead of to the kernel's log. */
  group?: number;
  /** Bytes of the packet that are sent to the program; all by default. */
  snaplen?: number;
  /** How many packets are sent together to the program, which has a setting for that of its own. */
  queueThreshold?: number;
}

const LOG = optionTable<LogOptions>({
  prefix: isText,
  level: oneOf(Object.keys(LOG_LEVELS)),
  group: integerFrom(0, 0xffff),
  snaplen: checkU32,
  queueThreshold: integerFrom(0, 0xffff),
});

/**
 * Logs the packet to the kernel's log, or to a program. The kernel logs packets of namespaces other than the first only
 * with the sysctl net.netfilter.nf_log_all_netns.
 *
 * @example
 * ```ts
 * // tcp dport 22 limit rate 1/second log prefix "ssh: "
 * const statements = [nft.match(nft.tcp.dport, 22), nft.limit({ rate: 1 }), nft.log({ prefix: 'ssh: ' })];
 * await nft.apply(red, [nft.addRule(chain, statements)]);
 * ```
 */
export function log(options: LogOptions = {}): Statement {
  checkOptions(options, LOG);
  const { prefix, group, snaplen, queueThreshold, level } = options;
  if (group !== undefined && level !== undefined) {
    throw new TypeError('log: a level is for the kernel’s log, a group for a program: not both');
  }
  const data = {
    ...(prefix !== undefined && { prefix }),
    ...(group !== undefined && { group }),
    ...(snaplen !== undefined && { snaplen }),
    ...(queueThreshold !== undefined && { queueThreshold }),
    ...(level !== undefined && { level }),
  };
  return { expressions: [{ name: 'log', data }] };
}

/**
 * Exempts the packet's connection from conntrack. In a chain of priority raw, because such a chain comes before conntrack.
 *
 * @example
 * ```ts
 * const early = { table, name: 'early', hook: 'prerouting', priority: 'raw' } as const;
 * // udp dport 53 notrack
 * const statements = [nft.match(nft.udp.dport, 53), nft.notrack()];
 * await nft.apply(red, [nft.addChain(early), nft.addRule(early, statements)]);
 * ```
 */
export function notrack(): Statement {
  return { expressions: [{ name: 'notrack' }] };
}

/**
 * Sets a field of the packet, or a value of its connection, to a value or to another selector: mangle(ct.mark, meta.mark).
 *
 * @example
 * ```ts
 * // iifname "eth0" meta mark set 0x00000001
 * const statements = [nft.match(nft.meta.iifname, 'eth0'), nft.mangle(nft.meta.mark, 1)];
 * await nft.apply(red, [nft.addRule(chain, statements)]);
 * ```
 */
export function mangle(what: Selector, value: Scalar | Selector): Statement {
  checkSelector(what, 'what');
  if (what.store === undefined) throw new TypeError('mangle: this can only be read');
  if (typeof value === 'object' || (value as unknown) === undefined) {
    checkSelector(value, 'value');
    const needs = { ...what.needs, ...value.needs };
    return { needs, expressions: [value.load(1), what.store(1)] };
  }
  const bytes = DATATYPES[what.type].write(value, 'mangle');
  return { needs: what.needs, expressions: [immediate(1, bytes), what.store(1)] };
}

/** @internal */
export function immediate(dreg: number, value: Buffer): Expression {
  return { name: 'immediate', data: { dreg, data: { value } } };
}

/**
 * Sets nftrace: `watchTrace` reports the packet's steps from here on.
 *
 * @example
 * ```ts
 * // ip daddr 10.0.0.1 meta nftrace set 1
 * const statements = [nft.match(nft.ip.daddr, '10.0.0.1'), nft.trace()];
 * await nft.apply(red, [nft.addRule(chain, statements)]);
 * ```
 */
export function trace(): Statement {
  return {
    expressions: [immediate(1, Buffer.from([1])), { name: 'meta', data: { key: 'nftrace', sreg: 1 } }],
  };
}

/**
 * Sets the maximum segment size of TCP to a given size, or to that of the route's MTU. For packets with `tcp flags syn`.
 *
 * @example
 * ```ts
 * const forward = { table, name: 'forward', hook: 'forward' } as const;
 * // tcp flags syn tcp option maxseg size set rt mtu
 * const statements = [nft.match(nft.tcp.flags, ['syn']), nft.clampMss()];
 * await nft.apply(red, [nft.addChain(forward), nft.addRule(forward, statements)]);
 * ```
 */
export function clampMss(size?: number): Statement {
  if (size !== undefined) {
    checkInteger('size', size, 0, 0xffff);
    return mangle(tcpOption.maxseg, size);
  }
  return {
    needs: tcpOption.maxseg.needs,
    expressions: [
      { name: 'rt', data: { key: 'tcpmss', dreg: 1 } },
      { name: 'byteorder', data: { sreg: 1, dreg: 1, op: 'hton', length: 2, size: 2 } },
      tcpOption.maxseg.store(1),
    ],
  };
}

/** What becomes of the element of a set, or of a map. */
export interface UpdateOptions {
  /** Of a map, what the key leads to from now on; a key that is there keeps what it leads to. */
  value?: Selector | readonly Selector[];
  /** 'update' (default) restarts the element's timeout, 'add' does not; 'delete' deletes the element. */
  op?: 'add' | 'update' | 'delete';
  /** Milliseconds. */
  timeout?: number;
  /**
   * A statement with its own state in each element, for example a limit: the rule continues only where the statement
   * matches.
   */
  each?: Statement;
}

const UPDATE = optionTable<UpdateOptions>({
  value: true,
  op: oneOf(['add', 'update', 'delete']),
  timeout: isCount,
  each: isStatement,
});

type Stateful = NonNullable<NonNullable<Extract<Expression, { name: 'dynset' }>['data']>['expression']>;

/**
 * Adds the packet's values to a set or a map with the flag 'dynamic': updateSet(clients, ip.saddr, { timeout: 60_000 }),
 * updateSet(inner, udp.sport, { value: [ct.original.ipSaddr, ct.original.protoSrc] }).
 *
 * @example
 * ```ts
 * const clients = { table, name: 'clients', key: 'ipv4_addr', flags: ['dynamic', 'timeout'] } as const;
 * const statements = [nft.updateSet(clients, nft.ip.saddr, { timeout: 60_000 })];
 * await nft.apply(red, [nft.addSet(clients), nft.addRule(chain, statements)]);
 * ```
 */
export function updateSet(
  set: SetReference,
  what: Selector | readonly Selector[],
  options: UpdateOptions = {},
): Statement {
  checkOptions(set, SET, { whole: 'set' });
  checkOptions(options, UPDATE);
  const { op = 'update', timeout, each, value } = options;
  const selectors = checkSelectors(what);
  checkKey(selectors, set, 'what');
  const key = loadKey(selectors);
  const found = loadValue(set, value, key.words);
  const [own] = each?.expressions ?? [];
  const data = {
    keyRegister: 1,
    ...(found.register !== undefined && { dataRegister: found.register }),
    op,
    ...(timeout !== undefined && { timeout }),
    set: set.name,
    ...(own !== undefined && { expression: own as Stateful }),
  };
  return {
    needs: { ...key.needs, ...found.needs },
    expressions: [...key.expressions, ...found.expressions, { name: 'dynset', data }],
  };
}

/** Loads what a key of a map is to lead to into the registers of 16 bytes behind the key, as nft does. */
function loadValue(
  set: SetReference,
  value: UpdateOptions['value'],
  keyWords: number,
): { needs: Needs; expressions: Expression[]; register?: number } {
  if (value === undefined && set.value === undefined) return { needs: {}, expressions: [] };
  if (value === undefined) throw new TypeError(`value: the map ${printable(set.name)} needs one`);
  const selectors = checkSelectors(value, 'value');
  checkValue(selectors, set);
  const word = align(keyWords); // four words are a register of 16 bytes
  return { ...loadKey(selectors, word), register: registerAt(word) };
}

/**
 * Expressions as the kernel stores them, for example those of a rule that was listed.
 *
 * @example
 * ```ts
 * await nft.apply(red, [nft.addRule(chain, [nft.counter()])]);
 * const { rules } = await nft.listRuleset(red);
 * const copies = rules.map(({ expressions }) => nft.addRule(chain, [nft.raw(...expressions)]));
 * await nft.apply(red, copies);
 * ```
 */
export function raw(...expressions: readonly Expression[]): Statement {
  isExpressions(expressions, 'expressions');
  return { expressions };
}
