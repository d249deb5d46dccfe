import type { ValueOf } from '../../netlink/codec';
import type { expressions } from '../../netlink/nfnetlink/expressions';
import { OBJECT_TYPES } from '../../netlink/nfnetlink/object';
import { toVerdict } from '../language/key';
import type { SetReference } from '../language/model';
import { REJECT_CODES } from '../../netlink/nfnetlink/names';
import { type Printer, Unprintable } from './printer';
import { verdictText } from './sets';
import { ctTerm, exthdrTerm, metaTerm, payloadTerm, type Term } from './terms';
import { statefulText } from './stateful';
import { timeText, valueText } from './values';

// Texts of expressions that act on the packet.

type Data<N extends keyof typeof expressions> = ValueOf<(typeof expressions)[N]>;

/** Prints a verdict. A value is kept for the expression that uses the register. */
export function printImmediate({ dreg, data }: Data<'immediate'>, printer: Printer): void {
  if (data?.verdict !== undefined) printer.say(verdictText(toVerdict(data.verdict)));
  else printer.load(dreg, { value: Buffer.from(data?.value ?? []) });
}

/** linux/netfilter/nf_log.h */
const LOG_FLAGS = {
  'tcp sequence': 1, // NF_LOG_TCPSEQ
  'tcp options': 2, // NF_LOG_TCPOPT
  'ip options': 4, // NF_LOG_IPOPT
  skuid: 8, // NF_LOG_UID
  ether: 32, // NF_LOG_MACDECODE
} as const;
const ALL_LOG_FLAGS = 47; // NF_LOG_MASK

export function logText({ prefix, group, snaplen, queueThreshold, level, flags = 0 }: Data<'log'>): string {
  const names = Object.entries(LOG_FLAGS).filter(([, bit]) => (flags & bit) !== 0);
  const parts = [
    'log',
    prefix !== undefined && `prefix "${prefix}"`,
    group !== undefined && `group ${group}`,
    snaplen !== undefined && snaplen !== 0 && `snaplen ${snaplen}`,
    queueThreshold !== undefined && queueThreshold !== 0 && `queue-threshold ${queueThreshold}`,
    level !== undefined && level !== 'warn' && `level ${level}`,
    ...(flags === ALL_LOG_FLAGS ? ['flags all'] : names.map(([name]) => `flags ${name}`)),
  ];
  return parts.filter((part) => part !== false).join(' ');
}

const codeWord = (codes: Readonly<Record<string, number>>, code: number) =>
  Object.keys(codes).find((name) => codes[name] === code) ?? String(code);

export function printReject({ type, code = 0 }: Data<'reject'>, printer: Printer): void {
  if (type === 'tcp reset') {
    printer.say('reject with tcp reset');
    return;
  }
  const network = printer.dependencies.known.get('network');
  const kind = type === 'icmpx' ? 'icmpx' : network === 'ip6' ? 'icmpv6' : 'icmp';
  if (kind !== 'icmpx') printer.hide(printer.dependencies.reject());
  const word = codeWord(REJECT_CODES[kind], code);
  const usual = word === 'port-unreachable' && (kind === 'icmpx' || printer.surroundings.family !== 'inet');
  printer.say(usual ? 'reject' : `reject with ${kind} ${word}`);
}

const OBJECT_WORDS = new Map<number, string>([
  [OBJECT_TYPES.counter, 'counter name'],
  [OBJECT_TYPES.quota, 'quota name'],
  [OBJECT_TYPES.limit, 'limit name'],
  [OBJECT_TYPES['ct helper'], 'ct helper set'],
  [OBJECT_TYPES['ct count'], 'ct count name'],
]);

export function printObject({ type = 0, name, sreg, set }: Data<'objref'>, printer: Printer): void {
  const word = OBJECT_WORDS.get(type);
  if (word !== undefined && name !== undefined) {
    printer.say(`${word} "${name}"`);
    return;
  }
  const listed = set === undefined ? undefined : printer.surroundings.set(set);
  const value = listed?.value;
  const kind =
    typeof value === 'object' && 'object' in value ? OBJECT_WORDS.get(OBJECT_TYPES[value.object]) : undefined;
  if (kind === undefined) throw new Unprintable('objref');
  const key = printer.terms(sreg, listed?.key?.length).map(({ text }) => text);
  printer.say(`${kind} ${key.join(' . ')} map @${set}`);
}

/** The text of a register's content, as it is assigned to a target of this type. */
function assignedText(register: number | undefined, printer: Printer, target?: Term): string {
  const held = printer.held(register);
  if (held === undefined) throw new Unprintable('a register that nothing is known of');
  if ('value' in held) return valueText(target?.type ?? 'integer', held.value, printer.surroundings.devices);
  const { text, type, mask, xor } = printer.term(register);
  if (mask === undefined) return text;
  const { devices } = printer.surroundings;
  const bits = (bytes: Buffer) => valueText(type, bytes, devices);
  if (xor === undefined) return `${text} & ${bits(mask)}`;
  if (mask.every((byte, i) => byte === (~(xor[i] ?? 0) & 0xff))) return `${text} | ${bits(xor)}`;
  if (mask.every((byte) => byte === 0xff)) return `${text} ^ ${bits(xor)}`;
  return `${text} & ${bits(mask)} ^ ${bits(xor)}`;
}

function assign(target: Term | undefined, sreg: number | undefined, printer: Printer): void {
  if (target === undefined) throw new Unprintable('something that is set');
  printer.hide(printer.dependencies.use(target));
  printer.say(`${target.text} set ${assignedText(sreg, printer, target)}`);
}

// The same expression loads something, or with a source register, sets it.

function printEither(
  term: Term | undefined,
  { sreg, dreg }: { sreg?: number | undefined; dreg?: number | undefined },
  printer: Printer,
  what: string,
): void {
  if (sreg !== undefined) assign(term, sreg, printer);
  else loaded(term, dreg, printer, what);
}

export function printMeta(data: Data<'meta'>, printer: Printer): void {
  printEither(metaTerm(data), data, printer, 'meta');
}

export function printCt(data: Data<'ct'>, printer: Printer): void {
  printEither(ctTerm(data), data, printer, 'ct');
}

export function printPayload(data: Data<'payload'>, printer: Printer): void {
  printEither(payloadTerm(data, printer.dependencies.known), data, printer, 'payload');
}

export function printExthdr(data: Data<'exthdr'>, printer: Printer): void {
  printEither(exthdrTerm(data), data, printer, 'exthdr');
}

export function loaded(
  term: Term | undefined,
  dreg: number | undefined,
  printer: Printer,
  what: string,
): void {
  if (term === undefined) throw new Unprintable(what);
  printer.load(dreg, { term });
}

/** What a key of a map leads to. */
function dataText(register: number, types: SetReference['value'], printer: Printer): string {
  if (!Array.isArray(types)) return assignedText(register, printer);
  const terms = printer.terms(register, types.length);
  return terms.map(({ text }) => text).join(' . ');
}

/** Prints the change of a set by a packet. */
export function printDynset(data: Data<'dynset'>, printer: Printer): void {
  const { op, set = '', keyRegister, dataRegister, timeout = 0, expression, expressions: several } = data;
  const listed = printer.surroundings.set(set);
  const key = printer.terms(keyRegister, listed?.key?.length).map(({ text }) => text);
  const each = several ?? (expression === undefined ? [] : [expression]);
  const value = dataRegister === undefined ? [] : [`: ${dataText(dataRegister, listed?.value, printer)}`];
  const parts = [
    key.join(' . '),
    ...(timeout > 0 ? [`timeout ${timeText(timeout)}`] : []),
    ...each.map(statefulText),
    ...value,
  ];
  printer.say(`${op} @${set} { ${parts.join(' ')} }`);
}
