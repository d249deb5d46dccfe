import { fromBytes } from '../../common/byte-text';
import type { ValueOf } from '../../netlink/codec';
import type { expressions } from '../../netlink/nfnetlink/expressions';
import { keyLength } from '../language/key';
import { type Datatype, DATATYPES, prefixMask, type TypeName } from '../language/types';
import type { ListedSetWithElements } from '../objects/ruleset';
import { type Printer, Unprintable } from './printer';
import { setText } from './sets';
import type { Term } from './terms';
import { flagsText, isNamed, valueText, type ValueType } from './values';

// Texts of expressions that match.

type Data<N extends keyof typeof expressions> = ValueOf<(typeof expressions)[N]>;

const OPERATORS: Readonly<Record<string, string>> = {
  eq: '',
  neq: '!= ',
  lt: '< ',
  lte: '<= ',
  gt: '> ',
  gte: '>= ',
};

const datatypeOf = (type: ValueType): Datatype | undefined => (isNamed(type) ? DATATYPES[type] : undefined);

export function printCmp({ sreg, op = 'eq', data }: Data<'cmp'>, printer: Printer): void {
  const term = printer.term(sreg);
  const value = Buffer.from(data?.value ?? []);
  const operator = OPERATORS[String(op)] ?? '';
  if (term.fields !== undefined && op === 'eq' && term.mask === undefined) {
    printFields(term.fields, value, printer);
    return;
  }
  const place = printer.say(comparison(term, String(op), operator, value, printer));
  const datatype = datatypeOf(term.type);
  if (op !== 'eq' || term.mask !== undefined || term.names === undefined || datatype?.size !== value.length)
    return;
  const word = String(datatype.read(value));
  printer.hide(printer.dependencies.learn(term.names, term, word, place));
}

/** Prints a comparison of several fields, because nft merges comparisons of consecutive fields into one. */
function printFields(fields: readonly Term[], value: Buffer, printer: Printer): void {
  let at = 0;
  for (const field of fields) {
    printer.say(comparison(field, 'eq', '', value.subarray(at, at + field.size), printer));
    at += field.size;
  }
}

function comparison(term: Term, op: string, operator: string, value: Buffer, printer: Printer): string {
  const { devices } = printer.surroundings;
  const { text, type, mask, xor } = term;
  if (xor !== undefined) throw new Unprintable('bits that are turned over');
  if (mask !== undefined) return masked(term, op, mask, value, printer);
  const datatype = datatypeOf(type);
  if (text.startsWith('fib ') && type === 'boolean') {
    return `${text} ${isZero(value) === (op === 'eq') ? 'missing' : 'exists'}`;
  }
  if (datatype?.prefixes === true && value.length < datatype.size) {
    const whole = Buffer.concat([value, Buffer.alloc(datatype.size - value.length)]);
    return `${text} ${operator}${valueText(type, whole, devices)}/${8 * value.length}`;
  }
  if (type === 'ifname' && value.length < DATATYPES.ifname.size) {
    return `${text} ${operator}"${fromBytes(value)}*"`;
  }
  if (datatype?.flags !== undefined && isNamed(type)) {
    return `${text} ${op === 'eq' ? '== ' : operator}${flagsText(type, value, ' | ')}`;
  }
  return `${text} ${operator}${valueText(type, ordered(term, value), devices)}`;
}

/** The value in the byte order of its type, where the rule has turned the register for a comparison. */
function ordered({ swapped, type }: Term, value: Buffer): Buffer {
  return swapped === true && datatypeOf(type)?.order === 'host' ? Buffer.from(value).reverse() : value;
}

const isZero = (bytes: Buffer) => bytes.every((byte) => byte === 0);

function masked(term: Term, op: string, mask: Buffer, value: Buffer, printer: Printer): string {
  const { devices } = printer.surroundings;
  const { text, type } = term;
  const datatype = datatypeOf(type);
  const operator = OPERATORS[op] ?? '';
  if (datatype?.flags !== undefined && isNamed(type)) {
    const bits = flagsText(type, mask);
    if (isZero(value) && op === 'neq') return `${text} ${bits}`;
    if (isZero(value) && op === 'eq') return `${text} ! ${bits}`;
    return `${text} ${operator}${flagsText(type, value)} / ${bits}`;
  }
  const length = datatype?.prefixes === true ? prefixLength(mask) : undefined;
  if (length !== undefined) return `${text} ${operator}${valueText(type, value, devices)}/${length}`;
  const sign = op === 'eq' ? '== ' : operator;
  return `${text} & ${valueText(type, mask, devices)} ${sign}${valueText(type, value, devices)}`;
}

function prefixLength(mask: Buffer): number | undefined {
  for (let length = 0; length <= 8 * mask.length; length++) {
    if (prefixMask(mask.length, length).equals(mask)) return length;
  }
  return undefined;
}

export function printRange({ sreg, op = 'eq', from, to }: Data<'range'>, printer: Printer): void {
  const term = printer.term(sreg);
  const { devices } = printer.surroundings;
  const [low, high] = [from, to].map((end) =>
    valueText(term.type, ordered(term, Buffer.from(end?.value ?? [])), devices),
  );
  printer.say(`${term.text} ${OPERATORS[String(op)] ?? ''}${low}-${high}`);
}

const INVERT = 1; // NFT_LOOKUP_F_INV

/**
 * Prints the match of a set, or of a verdict map. The data of another map is kept for the expression that uses the
 * register.
 */
export function printLookup({ sreg, dreg, set = '', flags = 0 }: Data<'lookup'>, printer: Printer): void {
  const { devices, set: find } = printer.surroundings;
  const listed = find(set);
  const key = printer
    .terms(sreg, listed?.key?.length)
    .map(({ text }) => text)
    .join(' . ');
  const content = setText(listed, set, devices);
  if (dreg === undefined) printer.say(`${key} ${(flags & INVERT) === 0 ? '' : '!= '}${content}`);
  else if (dreg === 0) printer.say(`${key} vmap ${content}`);
  else
    printer.load(dreg, { term: { text: `${key} map ${content}`, type: 'integer', size: valueSize(listed) } });
}

/** Bytes of a map's values; 0 where nothing is known of the map, or of the type of its values. */
function valueSize(listed: ListedSetWithElements | undefined): number {
  const value = listed?.value;
  return Array.isArray(value) ? keyLength(value as readonly TypeName[]) : 0;
}

/** Keeps the mask, and the bits that are inverted, for the expression that uses the register. */
export function printBitwise(data: Data<'bitwise'>, printer: Printer): void {
  const { sreg, dreg, op = 'mask-xor', mask, xor } = data;
  const held = printer.held(sreg);
  if (op !== 'mask-xor' || held === undefined || !('term' in held) || held.term.mask !== undefined) {
    throw new Unprintable(`bitwise ${op}`);
  }
  const turned = Buffer.from(xor?.value ?? []);
  const bits = { mask: Buffer.from(mask?.value ?? []), ...(!isZero(turned) && { xor: turned }) };
  printer.load(dreg, { term: { ...held.term, ...bits } });
}

export function printByteorder({ sreg, dreg }: Data<'byteorder'>, printer: Printer): void {
  const held = printer.held(sreg);
  if (held === undefined || !('term' in held)) throw new Unprintable('byteorder');
  printer.load(dreg, { term: { ...held.term, swapped: true } });
}
