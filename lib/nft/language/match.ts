import { toBytes } from '../../common/byte-text';
import { align } from '../../netlink/bytes';
import { printable } from '../../common/printable';
import { checkOptions, optionsOf, optionTable } from '../../common/options';
import { shown } from '../../common/shown';
import type { CMP_OPS } from '../../netlink/nfnetlink/expressions/comparisons';
import type {
  Expression,
  Key,
  KeyPart,
  NftElement,
  NftFamily,
  NftSet,
  Range,
  SetReference,
  Verdict,
} from './model';
import { checkOperand, checkSelectors } from './operands';
import type { Needs, Selector } from './selectors';
import { isElements, isExpressions, SET } from './tables';
import { DATATYPES, prefixMask, prefixRange, type Scalar } from './types';

/** A set that is part of a rule, and is deleted with the rule. */
export interface AnonymousSet {
  readonly set: Omit<NftSet, 'table'>;
  readonly elements: readonly NftElement[];
  /** What the caller calls the elements: the values of a match, or the entries of a map. */
  readonly called?: 'value' | 'map';
}

/** A part of a rule: a match or an action. */
export interface Statement {
  /** Protocols that the packet must have: the rule checks them first. */
  readonly needs?: Needs;
  /** Protocols that the packet is known to have after this match. */
  readonly provides?: Needs;
  /** What the kernel executes. */
  readonly expressions: readonly Expression[];
  /** What the kernel executes instead in a table of one of these families. */
  readonly expressionsIn?: Readonly<Partial<Record<NftFamily, readonly Expression[]>>>;
  /** Sets that `expressions` refer to by `setId`, counted from 0. */
  readonly sets?: readonly AnonymousSet[];
}

const STATEMENT = optionTable<Statement>(
  { needs: true, provides: true, expressions: isExpressions, expressionsIn: true, sets: true },
  ['expressions'],
);

/** @internal */
export const isStatement = optionsOf(STATEMENT);

type Bytes = Buffer;

/**
 * Number of the register at a word of four bytes. Every fourth word begins a register of 16 bytes, which has its own
 * number.
 */
export function registerAt(word: number): number {
  return word % 4 === 0 ? 1 + word / 4 : 8 + word;
}

/** A value that must not match. */
export interface Not<V> {
  readonly not: V;
}

/**
 * Inverts a match: match(meta.oifname, not('br0')).
 *
 * @example
 * ```ts
 * // iifname != "lo" ip saddr 127.0.0.0/8 drop
 * const statements = [nft.match(nft.meta.iifname, nft.not('lo')), nft.match(nft.ip.saddr, '127.0.0.0/8'), nft.drop()];
 * await nft.apply(red, [nft.addRule(chain, statements)]);
 * ```
 */
export function not<V extends Operand>(value: V): Not<V> {
  checkOperand(value);
  return { not: value };
}

/** Some bits of a number: the bits that `mask` has are equal to those of `value`. */
export interface Masked {
  /** The bits that count. */
  readonly mask: number;
  /** What these bits are. */
  readonly value: number;
}

/** What a selector is compared with. */
export type Operand = Scalar | Range | Masked | SetReference | readonly (KeyPart | readonly KeyPart[])[];

const isSet = (value: object): value is SetReference => 'key' in value && 'table' in value;
const isMasked = (value: object): value is Masked => 'mask' in value;
const isRange = (value: object): value is Range => 'from' in value && 'to' in value;

/**
 * Matches: the rule continues only for packets with this value: match(tcp.dport, 80), match(ip.saddr, '10.0.0.0/8'),
 * match(tcp.dport, { from: 1024, to: 65535 }), match(tcp.dport, [80, 443]), match(ct.state, ['established', 'related']),
 * match([ip.saddr, tcp.dport], aSet), match(meta.mark, { mask: 0xff, value: 1 }), match(meta.oifname, not('br0')).
 * A device's name may end with a star.
 *
 * @example
 * ```ts
 * // tcp dport { 80, 443 } iifname "eth*" accept
 * const statements = [nft.match(nft.tcp.dport, [80, 443]), nft.match(nft.meta.iifname, 'eth*'), nft.accept()];
 * await nft.apply(red, [nft.addRule(chain, statements)]);
 * ```
 */
export function match(what: Selector | readonly Selector[], value: Operand | Not<Operand>): Statement {
  const selectors = checkSelectors(what);
  checkOperand(value);
  const negated = typeof value === 'object' && 'not' in value;
  const operand = negated ? value.not : value;
  checkOperand(operand);
  const [selector, ...more] = selectors as readonly [Selector, ...Selector[]];
  const datatype = DATATYPES[selector.type];
  if (more.length === 0 && 'flags' in datatype && !(typeof operand === 'object' && !Array.isArray(operand))) {
    return matchFlags(selector, operand as Scalar | readonly Scalar[], negated);
  }
  if (Array.isArray(operand)) return matchOneOf(selectors, operand as readonly Key[], negated);
  if (typeof operand === 'object' && isSet(operand)) return matchSet(selectors, operand, negated);
  if (more.length > 0) throw new TypeError('value: several selectors are held against a set, or a list');
  return {
    needs: selector.needs,
    expressions: matchOne(selector, operand as Scalar | Range | Masked, negated),
    ...(!negated && typeof operand !== 'object' && provided(selector, operand)),
  };
}

// nft has two words for an address family: one for meta nfproto, and one for a header.
const NETWORKS: Readonly<Record<string, string>> = { ipv4: 'ip', ipv6: 'ip6' };

function provided({ names, type }: Selector, value: Scalar): { provides?: Needs } {
  if (names === undefined) return {};
  const { read, write } = DATATYPES[type];
  const word = String(read(write(value, 'value')));
  return { provides: { [names]: NETWORKS[word] ?? word } };
}

function compare(op: keyof typeof CMP_OPS, value: Bytes): Expression {
  return { name: 'cmp', data: { sreg: 1, op, data: { value } } };
}

function matchOne(selector: Selector, value: Scalar | Range | Masked, negated: boolean): Expression[] {
  const op = negated ? 'neq' : 'eq';
  const { type } = selector;
  if (typeof value !== 'object') {
    if ('prefixes' in DATATYPES[type] && String(value).includes('/')) {
      return matchPrefix(selector, String(value), op);
    }
    return [selector.load(1), compare(op, operandBytes(type, value))];
  }
  if (isMasked(value)) {
    const mask = DATATYPES[type].write(value.mask, 'value.mask');
    const wanted = DATATYPES[type].write(value.value, 'value.value');
    return [selector.load(1), masking(mask, true), compare(op, wanted)];
  }
  if (isRange(value)) return matchRange(selector, value, negated);
  throw new TypeError(`value: expected something to compare with, got ${shown(value)}`);
}

/** The bytes to compare with. A name that ends with a star is compared only as far as the star: 'br*' has two bytes. */
function operandBytes(type: Selector['type'], value: Scalar): Bytes {
  if (type === 'ifname' && typeof value === 'string' && value.endsWith('*')) {
    return toBytes(value.slice(0, -1), 'value');
  }
  return DATATYPES[type].write(value, 'value');
}

function masking(mask: Bytes, named: boolean): Expression {
  const zero = Buffer.alloc(mask.length);
  return {
    name: 'bitwise',
    data: {
      sreg: 1,
      dreg: 1,
      ...(named && { op: 'mask-xor' as const }),
      length: mask.length,
      mask: { value: mask },
      xor: { value: zero },
    },
  };
}

// A prefix of whole bytes loads only those bytes of a header. Any other prefix needs a mask.
function matchPrefix(selector: Selector, prefix: string, op: 'eq' | 'neq'): Expression[] {
  const { from, length } = prefixRange(selector.type, prefix, 'value');
  if (length === 0) throw new RangeError(`value: ${prefix} is everything: leave the match out`);
  const { name } = selector.load(1);
  if (name === 'payload' && length % 8 === 0) {
    return [selector.load(1, length / 8), compare(op, from.subarray(0, length / 8))];
  }
  if (length === 8 * from.length) return [selector.load(1), compare(op, from)];
  return [selector.load(1), masking(prefixMask(from.length, length), false), compare(op, from)];
}

function matchRange(selector: Selector, { from, to }: Range, negated: boolean): Expression[] {
  const { size, order } = DATATYPES[selector.type];
  if (selector.type === 'ifname') throw new RangeError('value: names have no order, so no ranges');
  const ordinal = (end: Scalar, option: string): Bytes => {
    const bytes = DATATYPES[selector.type].write(end, option);
    return order === 'host' ? Buffer.from(bytes).reverse() : bytes;
  };
  const [low, high] = [ordinal(from, 'value.from'), ordinal(to, 'value.to')];
  if (Buffer.compare(low, high) > 0)
    throw new RangeError(`value: expected a range from low to high, got ${from}-${to}`);
  // The number is turned to big-endian, because the kernel compares registers byte by byte.
  const ordered: Expression[] =
    order === 'host' && size > 1
      ? [{ name: 'byteorder', data: { sreg: 1, dreg: 1, op: 'hton', length: size, size } }]
      : [];
  const load = [selector.load(1), ...ordered];
  if (!negated) return [...load, compare('gte', low), compare('lte', high)];
  return [
    ...load,
    { name: 'range', data: { sreg: 1, op: 'neq', from: { value: low }, to: { value: high } } },
  ];
}

function matchFlags(selector: Selector, value: Scalar | readonly Scalar[], negated: boolean): Statement {
  const datatype = DATATYPES[selector.type];
  const names = Array.isArray(value) ? (value as readonly Scalar[]) : [value as Scalar];
  if (names.length === 0) throw new RangeError('value: expected at least one flag');
  const mask = names
    .map((flag, i) => datatype.write(flag, names === value ? `value[${i}]` : 'value'))
    .reduce((all, bits) => Buffer.from(all.map((byte, i) => byte | (bits[i] ?? 0))));
  return {
    needs: selector.needs,
    expressions: [
      selector.load(1),
      masking(mask, false),
      compare(negated ? 'eq' : 'neq', Buffer.alloc(mask.length)),
    ],
  };
}

/**
 * @internal Loads several selectors into consecutive registers, as a key of a set, and returns what they all need, and the word behind
 * them.
 */
export function loadKey(
  selectors: readonly Selector[],
  first = 0,
): { needs: Needs; expressions: Expression[]; words: number } {
  let word = first;
  const expressions = selectors.map((selector) => {
    const load = selector.load(registerAt(word));
    word += align(DATATYPES[selector.type].size) / 4;
    return load;
  });
  const needs = selectors.reduce<Needs>((all, selector) => ({ ...all, ...selector.needs }), {});
  return { needs, expressions, words: word };
}

const typesOf = (types: string | readonly string[]): string =>
  (typeof types === 'string' ? [types] : types).join(' . ');

/** @internal Throws a TypeError unless the types of the selectors are those of the set's key. */
export function checkKey(selectors: readonly Selector[], { name, key }: SetReference, option: string): void {
  const wanted = typesOf(key);
  const given = typesOf(selectors.map(({ type }) => type));
  if (wanted !== given)
    throw new TypeError(`${option}: the set ${printable(name)} has keys of ${wanted}, not ${given}`);
}

/** @internal Throws a TypeError unless the types of the selectors are those of the map's values. */
export function checkValue(selectors: readonly Selector[], { name, value }: SetReference): void {
  const given = typesOf(selectors.map(({ type }) => type));
  if (value === undefined) throw new TypeError(`value: the set ${printable(name)} is no map`);
  if (typeof value === 'object' && 'object' in value) {
    throw new TypeError(
      `value: the map ${printable(name)} has objects, which are added by their names alone`,
    );
  }
  const wanted = typesOf(value);
  if (wanted !== given)
    throw new TypeError(`value: the map ${printable(name)} has values of ${wanted}, not ${given}`);
}

const INVERT = 1; // NFT_LOOKUP_F_INV

function matchSet(selectors: readonly Selector[], set: SetReference, negated: boolean): Statement {
  checkKey(selectors, set, 'value');
  const { needs, expressions } = loadKey(selectors);
  const lookup = { sreg: 1, set: set.name, ...(negated && { flags: INVERT }) };
  return { needs, expressions: [...expressions, { name: 'lookup', data: lookup }] };
}

const ANONYMOUS_SET = '__set%d';
const ANONYMOUS_MAP = '__map%d';

/** @internal A set of elements for a rule. The set has the flag 'interval' where an element is a range or a network. */
export function anonymousSet(
  selectors: readonly Selector[],
  elements: readonly NftElement[],
  value?: NftSet['value'],
): AnonymousSet {
  const parts = elements.flatMap(({ key }) => (Array.isArray(key) ? (key as KeyPart[]) : [key as KeyPart]));
  const interval = parts.some((part) => typeof part === 'object' || String(part).includes('/'));
  const set = {
    name: value === undefined ? ANONYMOUS_SET : ANONYMOUS_MAP,
    key: selectors.map(({ type }) => type),
    ...(interval && { flags: ['interval'] as const }),
    ...(value !== undefined && { value }),
  };
  return { set, elements, called: value === undefined ? 'value' : 'map' };
}

function matchOneOf(selectors: readonly Selector[], keys: readonly Key[], negated: boolean): Statement {
  if (keys.length === 0) throw new RangeError('value: expected at least one value');
  const { needs, expressions } = loadKey(selectors);
  const set = anonymousSet(
    selectors,
    keys.map((key) => ({ key })),
  );
  const lookup = { sreg: 1, set: ANONYMOUS_SET, setId: 0, ...(negated && { flags: INVERT }) };
  return { needs, expressions: [...expressions, { name: 'lookup', data: lookup }], sets: [set] };
}

/**
 * Looks up the verdict in a map: vmap(meta.iifname, aVerdictMap), or vmap(tcp.dport, [{ key: 22, value: 'drop' }]).
 *
 * @example
 * ```ts
 * // tcp dport vmap { 22 : drop, 80 : accept }
 * const statements = [nft.vmap(nft.tcp.dport, [{ key: 22, value: 'drop' }, { key: 80, value: 'accept' }])];
 * await nft.apply(red, [nft.addRule(chain, statements)]);
 * ```
 */
export function vmap(
  what: Selector | readonly Selector[],
  map: SetReference | readonly { key: Key; value: Verdict }[],
): Statement {
  if (Array.isArray(map)) isElements(map, 'map');
  else checkOptions(map, SET, { whole: 'map' });
  return mapped(checkSelectors(what), map, 'verdict', 0);
}

/** @internal Looks up the selectors in a map, and stores the data in a register. */
export function mapped(
  selectors: readonly Selector[],
  map: SetReference | readonly NftElement[],
  value: NonNullable<NftSet['value']>,
  dreg: number,
): Statement {
  const { needs, expressions } = loadKey(selectors);
  if (Array.isArray(map)) {
    const lookup: Expression = { name: 'lookup', data: { sreg: 1, dreg, set: ANONYMOUS_MAP, setId: 0 } };
    const set = anonymousSet(selectors, map as readonly NftElement[], value);
    return { needs, expressions: [...expressions, lookup], sets: [set] };
  }
  const named = map as SetReference;
  checkKey(selectors, named, 'map');
  const lookup: Expression = { name: 'lookup', data: { sreg: 1, dreg, set: named.name } };
  return { needs, expressions: [...expressions, lookup] };
}
