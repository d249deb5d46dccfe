import type {
  LabDefinition,
  LinkDefinition,
  PortDefinition,
  RouterDefinition,
  SwitchDefinition,
} from './definition';
import { type Findings, pathOf, type Place } from './findings';
import { listed } from './lists';
import { LONGEST_NAME, namesOfPattern } from './pattern';
import { expandShapes } from './shapes/expand-shapes';

// The parts of a definition, each with its place: patterns and shapes are written out, and what is said of a node that a shape has made is put
// together with that.

/** A part, and where its definition stands. */
export interface Placed<T> {
  readonly definition: T;
  readonly place: Place;
}

export interface SwitchPart extends Placed<SwitchDefinition> {
  readonly name: string;
}

export interface NodePart extends Placed<RouterDefinition> {
  readonly name: string;
  readonly router: boolean;
  /** Those of a shape come first. */
  readonly ports: readonly Placed<string | PortDefinition>[];
}

export interface LinkPart extends Placed<LinkDefinition> {
  /** Where its two ends stand. */
  readonly ends: readonly [Place, Place];
}

export interface Parts {
  readonly switches: readonly SwitchPart[];
  /** Routers come first. */
  readonly nodes: readonly NodePart[];
  readonly links: readonly LinkPart[];
}

/** Of nodes, and of switches: what the kernel has memory for is less than that. */
const MOST = 100_000;

/** Each namespace has a device 'lo', and the others stand for all devices in /proc/sys/net. */
const RESERVED: readonly string[] = ['lo', 'all', 'default'];

type Group = 'switches' | 'routers' | 'nodes';

/** A definition of one of the three groups. */
type Anything = RouterDefinition & SwitchDefinition;

/** What is known of a name. */
interface Named {
  group: Group;
  name: string;
  /** What a shape has of it, and what the definition has besides. */
  ofShape?: Placed<Anything>;
  own?: Placed<Anything>;
}

export function partsOf(definition: LabDefinition, findings: Findings): Parts {
  const shapes = findings.has(['shapes']) ? [] : expandShapes(definition, findings);
  const all = new Map<string, Named>();
  for (const group of ['switches', 'routers', 'nodes'] as const) {
    for (const { shaped, place } of shapes) {
      for (const [name, one] of Object.entries<Anything>(shaped[group])) {
        // of many faults of one cause, the first says it
        if (!isName(name, place, findings) || !isFree(name, all, place, findings)) break;
        all.set(name, { group, name, ofShape: { definition: one, place } });
      }
    }
    const asked = definition[group] as Readonly<Record<string, Anything>> | undefined;
    for (const [name, one, place] of written(asked, group, all, findings)) {
      const own = { definition: one, place };
      const before = all.get(name);
      if (before?.group === group && before.own === undefined) before.own = own;
      else if (isFree(name, all, place, findings)) all.set(name, { group, name, own });
    }
  }
  const ofGroup = (group: Group): Named[] => [...all.values()].filter((named) => named.group === group);
  return {
    switches: ofGroup('switches').map(toSwitchPart),
    nodes: [...ofGroup('routers'), ...ofGroup('nodes')].map(toNodePart),
    links: [
      ...shapes.flatMap(({ shaped, place }) =>
        shaped.links.map((link): LinkPart => ({ definition: link, place, ends: [place, place] })),
      ),
      ...(definition.links ?? []).flatMap((link, i): LinkPart[] => {
        const place = ['links', i];
        // each has the number that it has in the definition
        if (findings.has(place)) return [];
        const ends = [[...place, 'ends', 0] as Place, [...place, 'ends', 1] as Place] as const;
        return [{ definition: link, place, ends }];
      }),
    ],
  };
}

function toSwitchPart({ name, ofShape, own }: Named): SwitchPart {
  return { name, definition: { ...ofShape?.definition, ...own?.definition }, place: placeOf(ofShape, own) };
}

function toNodePart({ name, group, ofShape, own }: Named): NodePart {
  const ports = [...portsOf(ofShape, ofShape?.place), ...portsOf(own)];
  return {
    name,
    router: group === 'routers',
    definition: own?.definition ?? {},
    ports,
    place: placeOf(ofShape, own),
  };
}

/** That of what the definition itself says counts more. */
function placeOf(ofShape: Placed<unknown> | undefined, own: Placed<unknown> | undefined): Place {
  return (own ?? ofShape)?.place ?? [];
}

/** All ports of a shape are at the place of the shape. */
function* portsOf(
  part: Placed<RouterDefinition> | undefined,
  at?: Place,
): Generator<Placed<string | PortDefinition>> {
  if (part === undefined) return;
  const { ports } = part.definition;
  for (const [i, port] of listed<string | PortDefinition>(ports).entries())
    yield { definition: port, place: at ?? [...part.place, 'ports', ...(Array.isArray(ports) ? [i] : [])] };
}

/** Each name of a group, its patterns written out. */
function* written<T>(
  group: Readonly<Record<string, T>> | undefined,
  title: string,
  known: ReadonlyMap<string, Named>,
  findings: Findings,
): Generator<[name: string, one: T, place: Place]> {
  for (const [pattern, one] of Object.entries(group ?? {})) {
    const place = [title, pattern];
    const names = namesOfPattern(pattern, MOST - known.size);
    if (names === undefined) {
      findings.add(place, `expected a name, or a pattern like 'web{1..3}' for at most ${MOST} names`);
      continue;
    }
    for (const name of names) {
      if (!isName(name, place, findings)) break;
      yield [name, one, place];
    }
  }
}

function isName(name: string, place: Place, findings: Findings): boolean {
  if (!/^[A-Za-z0-9_-]+$/.test(name)) {
    findings.add(place, `expected a name of letters, digits, '-' and '_'`);
    return false;
  }
  if (RESERVED.includes(name)) {
    findings.add(place, `the kernel takes no bridge and no port of the name '${name}'`);
    return false;
  }
  if (name.length <= LONGEST_NAME) return true;
  const longest = `and the name of a device at most ${LONGEST_NAME}`;
  findings.add(place, `'${name}' has ${name.length} letters, ${longest}`);
  return false;
}

function isFree(name: string, all: ReadonlyMap<string, Named>, place: Place, findings: Findings): boolean {
  const before = all.get(name);
  if (before === undefined) return true;
  const { group, ofShape, own } = before;
  const by = pathOf(placeOf(ofShape, own));
  const among = own === undefined ? `, among the ${group}` : '';
  findings.add(place, `there is '${name}' already, by ${by}${among}`);
  return false;
}
