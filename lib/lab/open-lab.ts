import { allDone } from '../common/all-done';
import { checkNetnsName } from '../common/check';
import { checkOptions, optionTable, trueOrFalse } from '../common/options';
import { IF_MISSING, type IfMissing } from '../netlink/existence';
import { deleteAll } from '../netns/create-netns';
import { listNetns } from '../netns/names';
import { DESTROY_OPTIONS, type DestroyLabOptions, Lab } from './lab';
import { LabError } from './lab-error';
import { openOrphans, openSpaces } from './open-spaces';
import { ownerOf } from './ownership';
import { readThings } from './read-things';

/**
 * Opens a lab that has a name, whoever has made it.
 *
 * @throws LabError ERR_LAB_MISSING where there is none.
 * @example
 * ```ts
 * await createLab({ name: 'raft', nodes: { a: {} } });
 * const lab = await openLab('raft');
 * console.log([...lab.nodes.keys()]); // [ 'a' ]
 * await lab.destroy();
 * ```
 */
export async function openLab(name: string): Promise<Lab> {
  checkNetnsName(name);
  const lab = await openLabIfThere(name);
  if (lab === undefined) throw missing(name, 'open');
  return lab;
}

/** @internal Undefined where there is no lab of that name. */
export async function openLabIfThere(name: string): Promise<Lab | undefined> {
  const spaces = await openSpaces(name);
  if (spaces === undefined) return undefined;
  try {
    return new Lab(spaces, await readThings(spaces, new Map()));
  } catch (error) {
    spaces.close();
    throw error;
  }
}

function missing(name: string, operation: string): LabError {
  return new LabError({
    code: 'ERR_LAB_MISSING',
    lab: name,
    operation,
    reason: 'there is no lab of this name',
  });
}

/** A lab in /run/netns. */
export interface LabInfo {
  name: string;
  nodes: string[];
  /**
   * Whether the process that has made it is alive; 'none' where it was made to be kept. A lab whose own namespace somebody has deleted, as by
   * `ip netns del LAB`, is dead: only its nodes are left.
   */
  owner: 'alive' | 'dead' | 'none';
}

/**
 * The labs that have names, in their order.
 *
 * @example
 * ```ts
 * await using lab = await createLab({ name: 'raft', nodes: { 'n{1..2}': {} } });
 * console.log(await listLabs()); // [ { name: 'raft', nodes: [ 'n1', 'n2' ], owner: 'alive' } ]
 * ```
 */
export async function listLabs(): Promise<LabInfo[]> {
  const names = (await listNetns()).map(({ name }) => name.replace(/\..*/s, ''));
  const found = await allDone([...new Set(names)].filter(Boolean).map(infoOf));
  return found.filter((one) => one !== undefined);
}

async function infoOf(name: string): Promise<LabInfo | undefined> {
  const spaces = await openSpaces(name);
  if (spaces === undefined) {
    const orphans = await openOrphans(name);
    for (const netns of orphans.values()) netns.close();
    return orphans.size === 0 ? undefined : { name, nodes: [...orphans.keys()].sort(), owner: 'dead' };
  }
  try {
    return { name, nodes: [...spaces.nodes.keys()].sort(), owner: await ownerOf(spaces.switches) };
  } finally {
    spaces.close();
  }
}

/** How a lab is destroyed by its name. */
export interface DestroyNamedLabOptions extends DestroyLabOptions {
  /** Where there is none: 'fail' (default) with ERR_LAB_MISSING, or 'ignore'. */
  ifMissing?: IfMissing;
}

const DESTROY_NAMED_OPTIONS = optionTable<DestroyNamedLabOptions>({
  ...DESTROY_OPTIONS,
  ifMissing: IF_MISSING,
});

/**
 * Destroys a lab that has a name, whoever has made it: all its namespaces, and nothing else.
 *
 * @throws LabError ERR_LAB_MISSING where there is none; ERR_LAB_BUSY while another process changes it.
 * @example
 * ```ts
 * await createLab({ name: 'raft', nodes: { a: {} } });
 * await destroyLab('raft');
 * await destroyLab('raft', { ifMissing: 'ignore' });
 * ```
 */
export async function destroyLab(name: string, options: DestroyNamedLabOptions = {}): Promise<void> {
  checkNetnsName(name);
  checkOptions(options, DESTROY_NAMED_OPTIONS);
  const { ifMissing = 'fail', ...others } = options;
  const lab = await openLabIfThere(name);
  if (lab === undefined) {
    const orphans = [...(await openOrphans(name)).values()];
    await deleteAll(orphans, { ...others, ifMissing: 'ignore' });
    if (orphans.length > 0 || ifMissing === 'ignore') return;
    throw missing(name, 'open');
  }
  try {
    await lab.destroy(others);
  } finally {
    lab.close();
  }
}

/** Which labs are swept away. */
export interface SweepLabsOptions {
  /** Those whose process has ended, and that were not made to be kept. */
  deadOwners: boolean;
}

const SWEEP_OPTIONS = optionTable<SweepLabsOptions>({ deadOwners: trueOrFalse }, ['deadOwners']);

/**
 * Destroys the labs that nobody needs any more: with `deadOwners`, those whose process has ended without destroying them, as after SIGKILL.
 * A lab that was made to be kept stays, and one that another process is changing.
 *
 * @returns the names of the labs that were destroyed.
 * @example
 * ```ts
 * console.log(await sweepLabs({ deadOwners: true })); // []
 * ```
 */
export async function sweepLabs(options: SweepLabsOptions): Promise<string[]> {
  checkOptions(options, SWEEP_OPTIONS);
  const dead = options.deadOwners ? (await listLabs()).filter(({ owner }) => owner === 'dead') : [];
  const swept = await allDone(
    dead.map(async ({ name }) => {
      try {
        await destroyLab(name);
        return name;
      } catch (error) {
        if (error instanceof LabError && ['ERR_LAB_BUSY', 'ERR_LAB_MISSING'].includes(error.code))
          return undefined;
        throw error;
      }
    }),
  );
  return swept.filter((name) => name !== undefined);
}
