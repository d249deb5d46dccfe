import { didYouMean } from '../../common/similar-name';
import type { Findings, Place } from '../findings';
import { listed } from '../lists';
import type { NodePart } from '../parts';
import type { TopologyProcess } from '../topology';
import type { ProcessDefinition } from './definition';

/** All processes, those of each node after each other. */
export function resolveRun(nodes: readonly NodePart[], findings: Findings): TopologyProcess[] {
  const all = new Map<string, TopologyProcess>();
  for (const { name: node, definition, place } of nodes) {
    const { run } = definition;
    for (const [i, one] of listed<ProcessDefinition>(run).entries()) {
      const at = [...place, 'run', ...(Array.isArray(run) ? [i] : [])];
      const name = one.name === undefined ? node : `${node}.${one.name}`;
      if (all.has(name))
        findings.add(at, `there is a process '${name}' already: processes of a node have names`);
      else all.set(name, { name, node, definition: one, after: listed(one.after), place: at });
    }
  }
  checkAfter(all, findings);
  return [...all.values()];
}

function checkAfter(all: ReadonlyMap<string, TopologyProcess>, findings: Findings): void {
  for (const { after, definition, place } of all.values()) {
    for (const [i, name] of after.entries()) {
      if (all.has(name)) continue;
      const at = [...place, 'after', ...(Array.isArray(definition.after) ? [i] : [])];
      findings.add(at, `there is no process '${name}'${didYouMean(name, [...all.keys()])}`);
    }
  }
  const done = new Set<string>();
  for (const { name, place } of all.values()) {
    const circle = circleFrom(name, all, done);
    if (circle !== undefined)
      findings.add(placeOfAfter(place), `each waits for the next: ${circle.join(', ')}`);
  }
}

const placeOfAfter = (place: Place): Place => [...place, 'after'];

/** Names each of which waits for the next, of which the last is the first one again. `done` are those that have been looked at. */
function circleFrom(
  name: string,
  all: ReadonlyMap<string, TopologyProcess>,
  done: Set<string>,
  way: readonly string[] = [],
): string[] | undefined {
  const at = way.indexOf(name);
  if (at >= 0) return [...way.slice(at), name];
  if (done.has(name)) return undefined;
  done.add(name);
  for (const next of all.get(name)?.after ?? []) {
    const circle = circleFrom(next, all, done, [...way, name]);
    if (circle !== undefined) return circle;
  }
  return undefined;
}
