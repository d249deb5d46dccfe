import type { Command } from 'commander';
import { printable } from '../common/printable';
import { EXIT, exitAfter, exitCodes } from './exit';
import { interruption } from './interruption';
import { openNamed } from './open';
import { printJsonLine } from './print';
import { addrWords, linkWords, type NameOf, neighborWords, qdiscWords, routeWords, ruleWords } from './words';
import { watch, type WatchEvent } from '..';

/** How many names of devices that are gone are kept. */
const MOST_GONE = 1000;

const EXIT_CODES = {
  [EXIT.OK]: 'SIGINT (Ctrl-C) or SIGTERM ended the watch',
  [EXIT.COULD_NOT_LOOK]: 'the arguments are wrong, or the namespace could not be watched',
};

/** Adds `rtnetns watch` to the command line. */
export function addWatch(program: Command): void {
  program
    .command('watch')
    .description('print what is in a namespace, and then each change, a line each')
    .argument('[name]', 'in /run/netns; without one, the current namespace')
    .option('--json', 'print each event as one line of JSON')
    .addHelpText(
      'after',
      '\nPrints links, addresses, routes, rules, neighbours, queueing disciplines and\nthe numbers of namespaces. The line `ready` stands between what was there and\nthe changes.',
    )
    .addHelpText('after', exitCodes(EXIT_CODES))
    .action(async (name: string | undefined, flags: { json?: true }, command: Command) =>
      exitAfter(command, async () => runWatch(name, flags.json === true)),
    );
}

async function runWatch(name: string | undefined, json: boolean): Promise<number> {
  using interrupted = interruption();
  const { signal } = interrupted;
  await using netns = await openNamed(name);
  const names = new DeviceNames();
  try {
    for await (const event of watch(netns, {}, { signal })) {
      if (event.kind === 'link') names.take(event);
      if (json) printJsonLine(event);
      else console.log(line(event, names.nameOf));
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  return EXIT.OK;
}

/** The names of devices, of those that are gone as well: the kernel reports routes of a device after its end. */
class DeviceNames {
  readonly #there = new Map<number, string>();
  readonly #gone = new Map<number, string>();

  take({ change, link: { index, name } }: Extract<WatchEvent, { kind: 'link' }>): void {
    if (change !== 'gone') {
      this.#there.set(index, name);
      return;
    }
    this.#there.delete(index);
    this.#gone.set(index, name);
    const [first] = this.#gone.keys();
    if (this.#gone.size > MOST_GONE && first !== undefined) this.#gone.delete(first);
  }

  readonly nameOf: NameOf = (index) => this.#there.get(index) ?? this.#gone.get(index) ?? `if${index}`;
}

function line(event: WatchEvent, nameOf: NameOf): string {
  if (event.kind === 'ready') return 'ready';
  // the compiler does not see that the event is of the kind that its row is for
  const wordsOf = WORDS[event.kind] as (event: WatchEvent, nameOf: NameOf) => string;
  const words = [event.change, event.kind, wordsOf(event, nameOf)];
  if (event.change === 'changed') {
    const { before, changes } = event;
    const after = (event as unknown as Record<string, object>)[event.kind];
    words.push(`(${changes.map((property) => difference(property, before, after)).join(', ')})`);
  }
  if (event.recovered === true) words.push('(recovered)');
  return words.join(' ');
}

type Kind = Exclude<WatchEvent['kind'], 'ready'>;
type Words = { [K in Kind]: (event: Extract<WatchEvent, { kind: K }>, nameOf: NameOf) => string };

const WORDS: Words = {
  link: ({ link }, nameOf) => linkWords(link, nameOf),
  addr: ({ addr }, nameOf) => `${addrWords(addr)} dev ${printable(nameOf(addr.index))}`,
  route: ({ route }, nameOf) => routeWords(route, nameOf),
  neighbor: ({ neighbor }, nameOf) => neighborWords(neighbor, nameOf),
  rule: ({ rule }) => ruleWords(rule),
  nsid: ({ nsid }) => `${nsid}`,
  qdisc: ({ qdisc }, nameOf) => `${qdiscWords(qdisc)} dev ${printable(nameOf(qdisc.index))}`,
};

/** 'mtu 1500 → 1400'; of a property with an inside, such as 'flags', the name alone. */
function difference(property: string, before: object, after: object | undefined): string {
  const [was, is] = [before, after].map((object) => (object as Record<string, unknown>)[property]);
  return isPlain(was) && isPlain(is) ? printable(`${property} ${was ?? 'none'} → ${is ?? 'none'}`) : property;
}

function isPlain(value: unknown): value is string | number | boolean | undefined {
  return typeof value !== 'object';
}
