import { printable } from '../../common/printable';
import { attributes } from '../../netlink/attributes';
import { Bytes } from '../../netlink/bytes';
import { text, type ValueOf } from '../../netlink/codec';
import type { expressions } from '../../netlink/nfnetlink/expressions';
import type { ListedSetWithElements } from '../objects/ruleset';
import type { Expression, Rule } from '../language/model';
import { checkOptions, optionTable } from '../../common/options';
import { RULE } from '../language/tables';
import * as actions from './actions';
import * as matches from './matches';
import * as nat from './nat';
import { Printer, Unprintable } from './printer';
import * as stateful from './stateful';
import { fibTerm, numgenTerm, rtTerm, socketTerm } from './terms';

/** What a rule refers to, by which it is printed better. */
export interface FormatRuleOptions {
  /** The sets of the ruleset. Without them, an anonymous set is printed by the kernel's name for it. */
  sets?: readonly ListedSetWithElements[];
  /** Names of devices by their indexes. A device without one is printed by its index. */
  devices?: ReadonlyMap<number, string>;
}

type Name = keyof typeof expressions;
type Data<N extends Name> = ValueOf<(typeof expressions)[N]>;

/** The printer of each kind of expression. */
const PRINTERS: { readonly [N in Name]?: (data: Data<N>, printer: Printer) => void } = {
  bitwise: matches.printBitwise,
  byteorder: matches.printByteorder,
  cmp: matches.printCmp,
  connlimit: (data, printer) => void printer.say(stateful.connlimitText(data)),
  counter: (data, printer) => void printer.say(stateful.counterText(data)),
  ct: actions.printCt,
  dynset: actions.printDynset,
  exthdr: actions.printExthdr,
  fib: (data, printer) => actions.loaded(fibTerm(data), data.dreg, printer, 'fib'),
  immediate: actions.printImmediate,
  last: (data, printer) => void printer.say(stateful.lastText(data)),
  limit: (data, printer) => void printer.say(stateful.limitText(data)),
  log: (data, printer) => void printer.say(actions.logText(data)),
  lookup: matches.printLookup,
  masq: nat.printMasquerade,
  meta: actions.printMeta,
  nat: nat.printNat,
  notrack: (_, printer) => void printer.say('notrack'),
  numgen: (data, printer) => actions.loaded(numgenTerm(data), data.dreg, printer, 'numgen'),
  objref: actions.printObject,
  payload: actions.printPayload,
  quota: (data, printer) => void printer.say(stateful.quotaText(data)),
  range: matches.printRange,
  redir: nat.printRedirect,
  reject: actions.printReject,
  rt: (data, printer) => actions.loaded(rtTerm(data), data.dreg, printer, 'rt'),
  socket: (data, printer) => actions.loaded(socketTerm(data), data.dreg, printer, 'socket'),
};

const OPTIONS = optionTable<FormatRuleOptions>({ sets: true, devices: true });

/**
 * Formats a rule as `nft list ruleset` prints it, with its comment. A rule with an expression that this library cannot format
 * is printed by its expressions, as the kernel stores them: `[ hash {"sreg":1,…} ]`. A rule is one line, in which control
 * characters and characters that turn the direction of text are escaped, unlike in nft's own: `\x1b`, `\u202e`.
 *
 * @see nft(8)
 * @example
 * ```ts
 * await nft.apply(red, [nft.addRule(chain, [nft.match(nft.tcp.dport, [80, 443]), nft.accept()])]);
 * const { rules, sets } = await nft.listRuleset(red);
 * for (const rule of rules) console.log(nft.formatRule(rule, { sets })); // tcp dport { 80, 443 } accept
 * ```
 */
export function formatRule(rule: Rule, options: FormatRuleOptions = {}): string {
  checkOptions(rule, RULE, { whole: 'rule' });
  checkOptions(options, OPTIONS);
  const { sets = [], devices = new Map<number, string>() } = options;
  const { family, name: inTable } = rule.chain.table;
  const own = new Map(
    sets
      .filter(({ table }) => table.family === family && table.name === inTable)
      .map((one) => [one.name, one]),
  );
  const printer = new Printer({ family, devices, set: (name) => own.get(name) });
  const comment = rule.comment === undefined ? '' : ` comment "${rule.comment}"`;
  try {
    for (const expression of joined(rule.expressions)) print(expression, printer);
  } catch (error) {
    if (!(error instanceof Unprintable)) throw error;
    return printable(`${rule.expressions.map(rawText).join(' ')}${comment}`);
  }
  return printable(`${printer.text}${comment}`);
}

function print({ name, data }: Expression, printer: Printer): void {
  const extension = XTABLES.includes(name) ? nameOf(data) : undefined;
  if (extension !== undefined) {
    printer.say(`xt ${name} "${extension}"`);
    return;
  }
  const printOne = PRINTERS[name as Name] as ((data: object, printer: Printer) => void) | undefined;
  if (printOne === undefined || data instanceof Uint8Array) throw new Unprintable(name);
  printOne(data ?? {}, printer);
}

/** Expressions of iptables-nft, of which only the name is printed. */
const XTABLES: readonly string[] = ['match', 'target'];

const xtables = attributes({ name: [1, text(0xff)] }); // NFTA_MATCH_NAME, NFTA_TARGET_NAME

function nameOf(data: unknown): string | undefined {
  if (!(data instanceof Uint8Array)) return undefined;
  return xtables.read(new Bytes(Buffer.from(data)), 0, data.length).name;
}

/** Joins two comparisons of one register, with a low and a high end, into one comparison with a range. */
function joined(list: readonly Expression[]): Expression[] {
  const found: Expression[] = [];
  for (const expression of list) {
    const before = found.at(-1);
    const [low, high] = [bound(before, 'gte'), bound(expression, 'lte')];
    if (low?.data === undefined || high?.data === undefined || low.sreg !== high.sreg) {
      found.push(expression);
      continue;
    }
    const { sreg = 1 } = low;
    found[found.length - 1] = { name: 'range', data: { sreg, op: 'eq', from: low.data, to: high.data } };
  }
  return found;
}

function bound(expression: Expression | undefined, op: 'gte' | 'lte'): Data<'cmp'> | undefined {
  if (expression?.name !== 'cmp') return undefined;
  const data = expression.data as Data<'cmp'> | undefined;
  return data?.op === op ? data : undefined;
}

function rawText({ name, data }: Expression): string {
  if (data === undefined) return `[ ${name} ]`;
  if (data instanceof Uint8Array) return `[ ${name} 0x${Buffer.from(data).toString('hex')} ]`;
  return `[ ${name} ${JSON.stringify(data, plain)} ]`;
}

function plain(_: string, value: unknown): unknown {
  const { type, data } = Object(value) as { type?: unknown; data?: unknown };
  if (type === 'Buffer' && Array.isArray(data)) return `0x${Buffer.from(data as number[]).toString('hex')}`;
  return value instanceof Uint8Array ? `0x${Buffer.from(value).toString('hex')}` : value;
}
