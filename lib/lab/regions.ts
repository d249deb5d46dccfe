import { isText, listOf, type OptionCheck, optionTable } from '../common/options';
import { shown } from '../common/shown';
import { didYouMean } from '../common/similar-name';
import { netem } from '../netlink/rtnetlink/qdiscs/netem';
import type { ImpairmentOptions } from '../traffic/impairment';
import type { Findings, Place } from './findings';
import { listed, oneOrMore } from './lists';
import { namesOfPattern } from './pattern';

// A latency is of pairs of nodes and not of wires, so that regions say nothing of how the nodes are joined: two nodes on one switch may be in
// two regions.

/** Of nodes, in one pattern. */
const MOST = 100_000;

/** Nodes by their names or patterns, of each region. */
export type RegionsDefinition = Readonly<Record<string, string | readonly string[]>>;

/** What becomes of the packets from each node of the one region to each of the other, and back. */
export interface LatencyDefinition extends ImpairmentOptions {
  /** Two regions: ['eu', 'us']; the same one twice is a latency within it. */
  between: readonly [string, string];
}

/** What becomes of the packets that a node itself sends to others. */
export interface TopologyLatency {
  readonly node: string;
  /** The names of the nodes to which they go. */
  readonly peers: readonly string[];
  readonly options: ImpairmentOptions;
  /** Where its definition stands. */
  readonly place: Place;
}

const isPair: OptionCheck = (value, path) => {
  if (!Array.isArray(value) || value.length !== 2)
    throw new TypeError(`${path}: expected two regions, like ['eu', 'us'], got ${shown(value)}`);
  listOf(isText)(value, path);
};

const LATENCY = optionTable<LatencyDefinition>({ ...netem.options, between: isPair }, ['between']);

const isOneOrMore = oneOrMore(isText);

/** Each part by itself. */
export function checkRegions(regions: unknown, latency: unknown, findings: Findings): void {
  if (regions !== undefined) {
    if (typeof regions !== 'object' || regions === null || Array.isArray(regions))
      findings.add(['regions'], `expected an object with the nodes of each region, got ${shown(regions)}`);
    else
      for (const [name, nodes] of Object.entries(regions))
        findings.passes(isOneOrMore, nodes, ['regions', name]);
  }
  if (latency === undefined) return;
  if (!Array.isArray(latency)) {
    findings.add(
      ['latency'],
      `expected a list like [{ between: ['eu', 'us'], delay: 80 }], got ${shown(latency)}`,
    );
    return;
  }
  for (const [i, one] of latency.entries()) {
    findings.check(one, LATENCY, ['latency', i]);
    if (!findings.has(['latency', i]) && Object.keys(one as object).length === 1)
      findings.add(['latency', i], "expected what becomes of the packets, like 'delay: 80'");
  }
}

interface Regional {
  regions?: RegionsDefinition;
  latency?: readonly LatencyDefinition[];
}

/** What becomes of the packets of each node to others, of parts that have passed `checkRegions`. */
export function resolveRegions(
  { regions = {}, latency = [] }: Regional,
  nodes: ReadonlyMap<string, unknown>,
  findings: Findings,
): TopologyLatency[] {
  const members = membersOf(regions, nodes, findings);
  const seen = new Map<string, number>();
  return latency.flatMap(({ between, ...options }, i) => {
    const place = ['latency', i];
    for (const [j, name] of between.entries()) {
      if (!members.has(name))
        findings.add(
          [...place, 'between', j],
          `there is no region '${name}'${didYouMean(name, [...members.keys()])}`,
        );
    }
    const pair = JSON.stringify([...between].sort());
    const before = seen.get(pair);
    if (before !== undefined) findings.add([...place, 'between'], `latency[${before}] is of the same two`);
    else seen.set(pair, i);
    const [some = [], others = []] = between.map((name) => members.get(name));
    const ways =
      between[0] === between[1]
        ? [[some, some]]
        : [
            [some, others],
            [others, some],
          ];
    return ways.flatMap(([from = [], to = []]) =>
      from.flatMap((node) => {
        const peers = to.filter((peer) => peer !== node);
        return peers.length === 0 ? [] : [{ node, peers, options, place }];
      }),
    );
  });
}

function membersOf(
  regions: RegionsDefinition,
  nodes: ReadonlyMap<string, unknown>,
  findings: Findings,
): Map<string, string[]> {
  const regionOf = new Map<string, string>();
  const members = new Map<string, string[]>();
  for (const [region, patterns] of Object.entries(regions)) {
    const own: string[] = [];
    members.set(region, own);
    for (const [i, pattern] of listed<string>(patterns).entries()) {
      const place = ['regions', region, ...(Array.isArray(patterns) ? [i] : [])];
      const names = namesOfPattern(pattern, MOST);
      if (names === undefined) findings.add(place, `expected a name, or a pattern like 'web{1..3}'`);
      for (const node of names ?? []) {
        const before = regionOf.get(node);
        if (!nodes.has(node)) {
          findings.add(place, `there is no node '${node}'${didYouMean(node, [...nodes.keys()])}`);
          break;
        } else if (before !== undefined)
          findings.add(place, `'${node}' is in the region '${before}' already`);
        else {
          regionOf.set(node, region);
          own.push(node);
        }
      }
    }
  }
  return members;
}
