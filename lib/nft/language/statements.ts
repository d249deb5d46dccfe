import { checkInteger, checkU32 } from '../../common/check';
import { checkOptions, integerFrom, isText, oneOf, optionTable, trueOrFalse } from '../../common/options';
import { shown } from '../../common/shown';
import { LOG_LEVELS } from '../../netlink/nfnetlink/expressions/statements';
import { OBJECT_TYPES } from '../../netlink/nfnetlink/object';
import { checkKey, isStatement, loadKey, type Statement } from './match';
import { checkSelector, checkSelectors } from './operands';
import { checkVerdict, verdictMessage } from './key';
import {
  type Expression,
  type ObjectKind,
  type SetReference,
  TIME_UNITS,
  type TimeUnit,
  type Verdict,
} from './model';
import { COUNTER, isCount, isExpressions, LIMIT_OPTIONS, SET } from './tables';
import { REJECT_CODES } from '../../netlink/nfnetlink/names';
import { type Selector, tcpOption } from './selectors';
import { DATATYPES, type Scalar } from './types';

/** Ends the rule with this: verdict('return'), verdict({ jump: 'others' }). */
export function verdict(what: Verdict): Statement {
  const message = verdictMessage(checkVerdict(what, 'what'));
  return { expressions: [{ name: 'immediate', data: { dreg: 0, data: { verdict: message } } }] };
}

/** The packet goes on to the next chain of another hook or priority. */
export function accept(): Statement {
  return verdict('accept');
}

/** The packet is gone. */
export function drop(): Statement {
  return verdict('drop');
}

/** Goes on in another chain, and after its end here. */
export function jump(chain: string): Statement {
  isText(chain, 'chain');
  return verdict({ jump: chain });
}

/** Goes on in another chain, and after its end where this one was jumped to from. */
export function goto(chain: string): Statement {
  isText(chain, 'chain');
  return verdict({ goto: chain });
}

/** Counts what comes this far, from zero by default. */
export function counter(start: { packets?: number; bytes?: number } = {}): Statement {
  checkOptions(start, COUNTER, { whole: 'start' });
  const { packets, bytes } = start;
  const data =
    packets === undefined && bytes === undefined ? {} : { bytes: bytes ?? 0, packets: packets ?? 0 };
  return { expressions: [{ name: 'counter', data }] };
}

const isObjectKind = oneOf(Object.keys(OBJECT_TYPES));

/** Uses a named object: useObject('counter', 'http'). */
export function useObject(kind: ObjectKind, name: string): Statement {
  isObjectKind(kind, 'kind');
  isText(name, 'name');
  return { expressions: [{ name: 'objref', data: { type: OBJECT_TYPES[kind], name } }] };
}

export interface LimitOptions {
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

/** Matches while packets keep to the rate, or with `over`, when they exceed it. */
export function limit(options: LimitOptions): Statement {
  checkOptions(options, LIMIT);
  return { expressions: [{ name: 'limit', data: limitData(options) }] };
}

const QUOTA = optionTable<{ over?: boolean }>({ over: trueOrFalse });

/** Matches until this many bytes have come, or with `over`, from then on. */
export function quota(bytes: number, options: { over?: boolean } = {}): Statement {
  checkInteger('bytes', bytes, 0, Number.MAX_SAFE_INTEGER);
  checkOptions(options, QUOTA);
  const { over = false } = options;
  return {
    expressions: [{ name: 'quota', data: { bytes: bytes, consumed: 0, flags: over ? 1 : 0 } }],
  };
}

export interface LogOptions {
  /** At most 127 bytes. */
  prefix?: string;
  /** Level in the kernel's own log; 'warn' by default. */
  level?: keyof typeof LOG_LEVELS;
  /** Group of nfnetlink_log: the packet is sent to the program that listens to the group, instead of to the kernel's log. */
  group?: number;
  snaplen?: number;
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

type Codes<K extends keyof typeof REJECT_CODES> = keyof (typeof REJECT_CODES)[K];

/** What the sender gets. 'icmpx' is for tables of both families, and of bridges. */
export type Rejection =
  'tcp reset' | { icmp: Codes<'icmp'> } | { icmpv6: Codes<'icmpv6'> } | { icmpx: Codes<'icmpx'> };

const REJECT_NEEDS = { icmp: { network: 'ip' }, icmpv6: { network: 'ip6' }, icmpx: {} } as const;

/** Drops the packet and sends an error to its sender; by default 'port-unreachable' of 'icmpx'. */
export function reject(how: Rejection = { icmpx: 'port-unreachable' }): Statement {
  if (how === 'tcp reset') {
    const data = { type: how, code: 0 };
    return { needs: { transport: 'tcp' }, expressions: [{ name: 'reject', data }] };
  }
  checkRejection(how);
  const [[kind, word]] = Object.entries(how) as [[keyof typeof REJECT_CODES, string]];
  const codes: Readonly<Record<string, number>> = REJECT_CODES[kind];
  if (typeof word !== 'string' || !Object.hasOwn(codes, word)) {
    throw new RangeError(`reject: expected one of ${Object.keys(codes).join(', ')}, got ${shown(word)}`);
  }
  const data = { type: kind === 'icmpx' ? kind : 'icmp', code: codes[word] ?? 0 } as const;
  return { needs: REJECT_NEEDS[kind], expressions: [{ name: 'reject', data }] };
}

function checkRejection(how: unknown): void {
  const kinds = Object.keys(REJECT_CODES);
  const [kind, ...more] = typeof how === 'object' && how !== null ? Object.keys(how) : [];
  if (kind !== undefined && kinds.includes(kind) && more.length === 0) return;
  const rule = `expected 'tcp reset', or one of ${kinds.map((one) => `{ ${one} }`).join(', ')}`;
  throw new TypeError(`how: ${rule}, got ${shown(how)}`);
}

/**
 * Exempts the packet's connection from conntrack. In a chain of priority raw, because such a chain comes before conntrack.
 */
export function notrack(): Statement {
  return { expressions: [{ name: 'notrack' }] };
}

/**
 * Sets a field of the packet, or a value of its connection, to a value or to another selector: mangle(ct.mark, meta.mark).
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

/** Sets nftrace: `watchTrace` reports the packet's steps from here on. */
export function trace(): Statement {
  return {
    expressions: [immediate(1, Buffer.from([1])), { name: 'meta', data: { key: 'nftrace', sreg: 1 } }],
  };
}

/** Sets the maximum segment size of TCP to a given size, or to that of the route's MTU. For packets with `tcp flags syn`. */
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

export interface UpdateOptions {
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
  op: oneOf(['add', 'update', 'delete']),
  timeout: isCount,
  each: isStatement,
});

type Stateful = NonNullable<NonNullable<Extract<Expression, { name: 'dynset' }>['data']>['expression']>;

/** Adds the packet's values to a set with the flag 'dynamic': updateSet(clients, ip.saddr, { timeout: 60_000 }). */
export function updateSet(
  set: SetReference,
  what: Selector | readonly Selector[],
  options: UpdateOptions = {},
): Statement {
  checkOptions(set, SET, { whole: 'set' });
  checkOptions(options, UPDATE);
  const { op = 'update', timeout, each } = options;
  const selectors = checkSelectors(what);
  checkKey(selectors, set, 'what');
  const { needs, expressions } = loadKey(selectors);
  const [own] = each?.expressions ?? [];
  const data = {
    keyRegister: 1,
    op,
    ...(timeout !== undefined && { timeout }),
    set: set.name,
    ...(own !== undefined && { expression: own as Stateful }),
  };
  return { needs, expressions: [...expressions, { name: 'dynset', data }] };
}

/** Expressions as the kernel stores them, for example those of a rule that was listed. */
export function raw(...expressions: readonly Expression[]): Statement {
  isExpressions(expressions, 'expressions');
  return { expressions };
}
