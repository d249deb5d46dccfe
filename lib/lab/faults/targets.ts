import { checkDeviceName } from '../../common/check';
import { checkOptions, isText, listOf, type OptionCheck, optionTable } from '../../common/options';
import { shown } from '../../common/shown';
import type { Spaces } from '../spaces';
import type { Things } from '../things';

/** Devices of a lab: all of a node's ('web1'), one of them, or those at both ends of all wires between two nodes (`['a', 'b']`). */
export type LabTarget = string | LabDevice | readonly [string, string];

/** A device of a node. */
export interface LabDevice {
  node: string;
  device: string;
}

export const DEVICE = optionTable<LabDevice>(
  { node: isText, device: (value, path) => checkDeviceName(value, path) },
  ['node', 'device'],
);

/** The argument itself. */
export function checkTarget(target: unknown): asserts target is LabTarget {
  checkShape(target, { path: '', whole: 'target' });
}

/** A target that is an option. */
export const isTarget: OptionCheck = (value, path) => {
  checkShape(value, { path, whole: path });
};

function checkShape(value: unknown, { path, whole }: { path: string; whole: string }): void {
  if (typeof value === 'string') return;
  if (!Array.isArray(value)) checkOptions(value, DEVICE, { path, whole });
  else if (value.length === 2) {
    listOf(isText)(value, whole);
    if (value[0] === value[1])
      throw new RangeError(`${whole}: expected two nodes, got ${shown(value[0])} twice`);
  } else throw new TypeError(`${whole}: expected a node, or two that a wire joins, got ${shown(value)}`);
}

/** A node, or a list of some. */
export const areNodes: OptionCheck = (value, path) => {
  if (Array.isArray(value)) listOf(isText)(value, path);
  else isText(value, path);
  if (Array.isArray(value) && value.length === 0) throw new RangeError(`${path}: expected at least one node`);
};

/** Each node once. @throws LabError ERR_LAB_NODE for one that the lab does not have. */
export function nodesOf(nodes: string | readonly string[], spaces: Spaces): string[] {
  const all = [...new Set(typeof nodes === 'string' ? [nodes] : nodes)];
  for (const node of all) spaces.node(node);
  return all;
}

/** The nodes that a target names. */
export function namesIn(target: LabTarget): string[] {
  if (typeof target === 'string') return [target];
  return isPair(target) ? [...target] : [target.node];
}

export function isPair(target: LabTarget): target is readonly [string, string] {
  return Array.isArray(target);
}

/** 'web1', 'eth1 of web1', 'the wire from a to b' */
export function targetWords(target: LabTarget): string {
  if (typeof target === 'string') return target;
  return isPair(target) ? `the wire from ${target.join(' to ')}` : `${target.device} of ${target.node}`;
}

/** The devices that a target stands for; of wires between two nodes, those of the first one. */
export function devicesOf(target: LabTarget, things: Things): LabDevice[] {
  const all: LabDevice[] = [];
  const add = ({ node, device }: LabDevice): void => {
    if (isPair(target) ? node === target[0] : isMeant(target, node, device)) all.push({ node, device });
  };
  for (const thing of things.values()) {
    if (thing.kind === 'port' && !isPair(target)) add(thing);
    if (thing.kind !== 'link') continue;
    if (isPair(target) && !target.every((node) => thing.ends.some((end) => end.node === node))) continue;
    thing.ends.forEach(add);
  }
  return all;
}

function isMeant(target: string | LabDevice, node: string, device: string): boolean {
  return typeof target === 'string' ? node === target : node === target.node && device === target.device;
}
