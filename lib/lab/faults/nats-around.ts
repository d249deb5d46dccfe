import type { LabDevice } from './targets';
import type { Things } from '../things';

/** Routers that translate what a node sends: those that it reaches, directly or by nodes with several devices, on their inner sides. */
export function natsAround(node: string, things: Things): string[] {
  const outside = new Map<string, string>();
  const wires: LabDevice[][] = [];
  const switches = new Map<string, LabDevice[]>();
  for (const thing of things.values()) {
    if (thing.kind === 'nat') outside.set(thing.node, thing.device);
    if (thing.kind === 'port') switches.set(thing.switch, [...(switches.get(thing.switch) ?? []), thing]);
    if (thing.kind === 'link') wires.push([...thing.ends]);
  }
  wires.push(...switches.values());
  const devices = wires.flat().map((end) => end.node);
  const hasSeveral = (one: string): boolean => devices.indexOf(one) !== devices.lastIndexOf(one);
  const seen = new Set([node]);
  const found = new Set<string>();
  for (const one of seen) {
    for (const wire of wires.filter((ends) => ends.some((end) => end.node === one))) {
      for (const other of wire) {
        if (!outside.has(other.node)) {
          if (hasSeveral(other.node)) seen.add(other.node);
        } else if (outside.get(other.node) !== other.device && other.node !== node) found.add(other.node);
      }
    }
  }
  return [...found];
}
