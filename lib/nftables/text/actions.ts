import type { ValueOf } from '../../netlink/codec';
import type { expressions } from '../../nft/expressions';
import { OBJECT_TYPES } from '../../nft/object';
import { toVerdict } from '../key';
import { TIME_UNITS } from '../model';
import { REJECT_CODES } from '../names';
import { type Printer, Unprintable } from './printer';
import { verdictText } from './sets';
import { ctTerm, exthdrTerm, metaTerm, payloadTerm, type Term } from './terms';
import { bytesText, timeText, valueText } from './values';

// Expressions that do something.

type Data<N extends keyof typeof expressions> = ValueOf<(typeof expressions)[N]>;

/** A verdict is said; a value waits for whoever uses it. */
export function printImmediate({ dreg, data }: Data<'immediate'>, printer: Printer): void {
  if (data?.verdict !== undefined) printer.say(verdictText(toVerdict(data.verdict)));
  else printer.load(dreg, { value: Buffer.from(data?.value ?? []) });
}

const OVER = 1;
const DEFAULT_BURST = 5;

const over = (flags = 0) => ((flags & OVER) === 0 ? '' : 'over ');

export function counterText({ packets = 0n, bytes = 0n }: Data<'counter'>): string {
  return `counter packets ${packets} bytes ${bytes}`;
}

export function limitText({ rate = 0n, unit = 1n, burst = 0, type, flags }: Data<'limit'>): string {
  const [per = 'second'] = Object.entries(TIME_UNITS).find(([, seconds]) => BigInt(seconds) === unit) ?? [];
  if (type === 'bytes') {
    const rest = burst > 0 ? ` burst ${bytesText(BigInt(burst))}` : '';
    return `limit rate ${over(flags)}${bytesText(rate)}/${per}${rest}`;
  }
  const rest = burst === DEFAULT_BURST || burst === 0 ? '' : ` burst ${burst} packets`;
  return `limit rate ${over(flags)}${rate}/${per}${rest}`;
}

export function quotaText({ bytes = 0n, consumed = 0n, flags }: Data<'quota'>): string {
  const used = consumed > 0n ? ` used ${bytesText(consumed)}` : '';
  return `quota ${over(flags)}${bytesText(bytes)}${used}`;
}

export function connlimitText({ count = 0, flags }: Data<'connlimit'>): string {
  return `ct count ${over(flags)}${count}`;
}

export function lastText({ set = 0, milliseconds = 0n }: Data<'last'>): string {
  return set === 0 ? 'last used never' : `last used ${timeText(Number(milliseconds))}`;
}

const LOG_FLAGS = { 'tcp sequence': 1, 'tcp options': 2, 'ip options': 4, skuid: 8, ether: 32 } as const;
const ALL_LOG_FLAGS = 47;

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

const NAT_FLAGS = { random: 4, 'fully-random': 16, persistent: 8 } as const;

function natFlags(flags = 0): string {
  const names = Object.entries(NAT_FLAGS).filter(([, bit]) => (flags & bit) !== 0);
  return names.length === 0 ? '' : ` ${names.map(([name]) => name).join(',')}`;
}

/** One end, or two: 10.0.0.1-10.0.0.5. What a map has for both is one. */
function rangeText(
  [from, to]: readonly [number | undefined, number | undefined],
  printer: Printer,
  type: 'ipv4_addr' | 'ipv6_addr' | 'inet_service',
): string | undefined {
  if (from === undefined) return undefined;
  const one = (register: number) => {
    const held = printer.held(register);
    if (held === undefined) return undefined;
    return 'term' in held ? held.term.text : valueText(type, held.value, printer.surroundings.devices);
  };
  const low = one(from);
  return to === undefined || to === from || low === undefined ? low : `${low}-${one(to)}`;
}

export function printNat(data: Data<'nat'>, printer: Printer): void {
  const { type, family, addressMin, addressMax, portMin, portMax, flags } = data;
  const inet = printer.surroundings.family === 'inet' ? ` ${family}` : '';
  const kind = family === 'ip6' ? 'ipv6_addr' : 'ipv4_addr';
  const address = rangeText([addressMin, addressMax], printer, kind);
  const held = printer.held(addressMin);
  const byMap = held !== undefined && 'term' in held;
  // what a map has beside the address is told by the map
  const port = byMap ? undefined : rangeText([portMin, portMax], printer, 'inet_service');
  const place =
    kind === 'ipv6_addr' && port !== undefined && address !== undefined
      ? address
          .split('-')
          .map((one) => `[${one}]`)
          .join('-')
      : (address ?? '');
  printer.say(`${type}${inet} to ${place}${port === undefined ? '' : `:${port}`}${natFlags(flags)}`);
}

export function printMasquerade({ flags, portMin, portMax }: Data<'masq'>, printer: Printer): void {
  printer.say(`masquerade${portText([portMin, portMax], printer)}${natFlags(flags)}`);
}

export function printRedirect({ flags, portMin, portMax }: Data<'redir'>, printer: Printer): void {
  printer.say(`redirect${portText([portMin, portMax], printer)}${natFlags(flags)}`);
}

function portText(ends: readonly [number | undefined, number | undefined], printer: Printer): string {
  const port = rangeText(ends, printer, 'inet_service');
  return port === undefined ? '' : ` to :${port}`;
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

type Stateful = NonNullable<Data<'dynset'>['expression']>;

const STATEFUL: Readonly<Record<string, (data: never) => string>> = {
  counter: () => 'counter',
  limit: limitText,
  quota: quotaText,
  connlimit: connlimitText,
  last: lastText,
};

function statefulText({ name, data = {} }: Stateful): string {
  const print = STATEFUL[String(name)] as ((data: object) => string) | undefined;
  if (print === undefined) throw new Unprintable(String(name));
  return print(data);
}

export function printDynset(data: Data<'dynset'>, printer: Printer): void {
  const { op, set = '', keyRegister, dataRegister, timeout = 0n, expression, expressions: several } = data;
  const listed = printer.surroundings.set(set);
  const key = printer.terms(keyRegister, listed?.key?.length).map(({ text }) => text);
  const each = several ?? (expression === undefined ? [] : [expression]);
  const value = dataRegister === undefined ? [] : [`: ${assignedText(dataRegister, printer)}`];
  const parts = [
    key.join(' . '),
    ...(timeout > 0n ? [`timeout ${timeText(Number(timeout))}`] : []),
    ...each.map(statefulText),
    ...value,
  ];
  printer.say(`${op} @${set} { ${parts.join(' ')} }`);
}

/** What a register has, to be put somewhere that has this type. */
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

export function printMeta(data: Data<'meta'>, printer: Printer): void {
  const term = metaTerm(data);
  if (data.sreg !== undefined) assign(term, data.sreg, printer);
  else loaded(term, data.dreg, printer, 'meta');
}

export function printCt(data: Data<'ct'>, printer: Printer): void {
  const term = ctTerm(data);
  if (data.sreg !== undefined) assign(term, data.sreg, printer);
  else loaded(term, data.dreg, printer, 'ct');
}

export function printPayload(data: Data<'payload'>, printer: Printer): void {
  const term = payloadTerm(data, printer.dependencies.known);
  if (data.sreg !== undefined) assign(term, data.sreg, printer);
  else loaded(term, data.dreg, printer, 'payload');
}

export function printExthdr(data: Data<'exthdr'>, printer: Printer): void {
  const term = exthdrTerm(data);
  if (data.sreg !== undefined) assign(term, data.sreg, printer);
  else loaded(term, data.dreg, printer, 'exthdr');
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
