import type { LabDefinition } from './definition';
import { openLabIfThere } from './open-lab';
import { difference, LabPlan } from './plan';
import { resolve } from './resolve';
import { asThings, thingsOf } from './things';

/**
 * What `createLab` with `ifExists: 'apply'` would do now: all that there is to be, or, where there is a lab of that name, what differs.
 * Nothing is changed.
 *
 * @throws LabDefinitionError with all that is wrong with the definition.
 * @example
 * ```ts
 * console.log(String(await planLab({ name: 'raft', nodes: { n1: {} } }))); // + node n1
 * ```
 */
export async function planLab(definition: LabDefinition): Promise<LabPlan> {
  const topology = resolve(definition);
  const lab = topology.name === undefined ? undefined : await openLabIfThere(topology.name);
  if (lab === undefined) return new LabPlan(difference(new Map(), asThings(thingsOf(topology))));
  try {
    return await lab.plan(definition);
  } finally {
    lab.close();
  }
}
