import { checkOptions, optionTable, trueOrFalse } from '../common/options';
import { printable } from '../common/printable';
import { endKey } from './addresses';
import type { Kind, Thing, Things } from './things';
import { type Changes, changesOf, changeWords, wordsOf } from './words';

/** Something that is to be done, or was. */
export interface LabStep {
  action: 'create' | 'change' | 'delete';
  kind: Kind;
  /** 'port eth0 of web1 on lan' */
  title: string;
  /** Of a change, what the thing has and is to have: { mtu: [1500, 1400] }. */
  changes?: Changes;
}

/** A step with the things themselves. */
export interface Step extends LabStep {
  before?: Thing;
  after?: Thing;
}

/** What has to be done so that what is found becomes what is wanted. */
export function difference(found: Things, wanted: Things): Step[] {
  const isLost = goneWith([...found].flatMap(([key, thing]) => (wanted.has(key) ? [] : [thing])));
  const steps: Step[] = [];
  for (const [key, before] of found) {
    if (!wanted.has(key) && !isLost(before)) {
      steps.push({ action: 'delete', kind: before.kind, title: wordsOf(before), before });
    }
  }
  for (const [key, after] of wanted) {
    const before = found.get(key);
    const { kind } = after;
    if (before === undefined || isLost(before)) {
      steps.push({ action: 'create', kind, title: wordsOf(after), after });
    } else {
      const changes = changesOf(before, after);
      if (Object.keys(changes).length > 0)
        steps.push({ action: 'change', kind, title: wordsOf(after), changes, before, after });
    }
  }
  return steps;
}

/** Whether a thing goes with one of these: an address with its device, also where another device is to have the same one. */
function goneWith(deleted: readonly Thing[]): (thing: Thing) => boolean {
  const nodes = new Set<string>();
  const devices = new Set<string>();
  for (const thing of deleted) {
    if (thing.kind === 'node') nodes.add(thing.name);
    if (thing.kind === 'port') devices.add(endKey(thing));
    if (thing.kind === 'link') for (const end of thing.ends) devices.add(endKey(end));
  }
  return (thing) => {
    if (thing.kind === 'node' || thing.kind === 'switch' || thing.kind === 'port' || thing.kind === 'link')
      return false;
    // a process does not end with its namespace
    if (thing.kind === 'process') return false;
    if (nodes.has(thing.node)) return true;
    const device =
      thing.kind === 'route'
        ? thing.route.device
        : thing.kind === 'addr' || thing.kind === 'impairment' || thing.kind === 'latency'
          ? thing.device
          : undefined;
    return device !== undefined && devices.has(`${thing.node} ${device}`);
  };
}

/** How a plan is written. */
export interface LabPlanText {
  /** With the colours of a terminal: green, yellow, red. */
  colors?: boolean;
}

const TEXT = optionTable<LabPlanText>({ colors: trueOrFalse });

const SIGNS = { create: '+', change: '~', delete: '-' } as const;
/** Green, yellow, red (ECMA-48). */
const COLOURS = { create: '\u001b[32m', change: '\u001b[33m', delete: '\u001b[31m' } as const;

/** What is to be done to a lab, or was. */
export class LabPlan {
  readonly steps: readonly LabStep[];

  /** @hidden */
  constructor(steps: readonly Step[]) {
    this.steps = steps.map(({ before: _before, after: _after, ...step }) => step);
  }

  /** Whether nothing is to be done. */
  get empty(): boolean {
    return this.steps.length === 0;
  }

  /**
   * A line for each step: '+ node web4', '~ port eth0 of web1 on lan: mtu 1500 → 1400'.
   *
   * @example
   * ```ts
   * const lan = { subnet: '10.0.0.0/24' };
   * await using lab = await createLab({ switches: { lan }, nodes: { 'web{1..2}': { ports: 'lan' } } });
   * const plan = await lab.plan({ switches: { lan }, nodes: { 'web{1..2}': { ports: 'lan' }, a: {} } });
   * console.log(plan.toString()); // + node a
   * ```
   */
  toString(options: LabPlanText = {}): string {
    checkOptions(options, TEXT);
    const { colors = false } = options;
    return this.steps
      .map(({ action, title, changes }) => {
        const words = `${SIGNS[action]} ${title}${changes === undefined ? '' : `: ${changeWords(changes)}`}`;
        const line = printable(words);
        return colors ? `${COLOURS[action]}${line}\u001b[0m` : line;
      })
      .join('\n');
  }
}
