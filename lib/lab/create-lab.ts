import { checkOptions, oneOf, optionTable, trueOrFalse } from '../common/options';
import { takingBack } from '../common/take-back';
import { carryOut } from './carry-out';
import type { LabDefinition } from './definition';
import { destroySpaces } from './destroy';
import { APPLY_OPTIONS, type ApplyLabOptions, Lab } from './lab';
import { LabError } from './lab-error';
import { openLab } from './open-lab';
import { whileNobodyElse } from './ownership';
import { difference } from './plan';
import { resolve } from './resolve';
import { createSpaces, type Spaces } from './spaces';
import { asThings, type Things, thingsOf } from './things';

/** How a lab is created. */
export interface CreateLabOptions extends ApplyLabOptions {
  /** Where there is a lab of that name: 'fail' (default) with EEXIST, or 'apply': it is made what the definition says. */
  ifExists?: 'fail' | 'apply';
  /**
   * true: a lab with a name belongs to no process, so that `sweepLabs` leaves it when this process has ended. Refused of one in which
   * something runs.
   */
  keep?: boolean;
}

const CREATE_OPTIONS = optionTable<CreateLabOptions>({
  ...APPLY_OPTIONS,
  ifExists: oneOf(['fail', 'apply']),
  keep: trueOrFalse,
});

/**
 * Creates a lab: namespaces, joined by switches and by links, with their addresses and routes, as a definition says.
 *
 * Nodes on a switch get the next free address of its subnet. Routers forward packets, and the nodes of their switches go by them to all other
 * subnets of the lab, by the shortest way.
 *
 * @throws LabDefinitionError with all that is wrong with the definition, before anything is made; LabError EEXIST where there is a namespace of
 * the lab's name; LabError, whose cause is the kernel's refusal: by then all that was made is deleted, unless `onFailure` is 'keep'.
 * @see veth(4), bridge(8), network_namespaces(7)
 * @example
 * ```ts
 * const lan = { subnet: '10.0.0.0/24' };
 * await using lab = await createLab({ switches: { lan }, nodes: { 'web{1..3}': { ports: 'lan' } } });
 * console.log(lab.addr('web3')); // 10.0.0.3
 * console.log((await ping(lab.node('web1'), lab.addr('web3'))).received); // 1
 * ```
 */
export async function createLab(definition: LabDefinition, options: CreateLabOptions = {}): Promise<Lab> {
  const topology = resolve(definition);
  checkOptions(options, CREATE_OPTIONS);
  const { ifExists = 'fail', keep = false, ...how } = options;
  const { name } = topology;
  if (keep && topology.processes.length > 0)
    throw new TypeError(
      'keep: a lab with processes cannot be kept, because they end with the process that has started them',
    );
  how.signal?.throwIfAborted();
  const spaces = await createSpaces(name, keep).catch((error: unknown) => {
    if (name === undefined || (error as { code?: unknown }).code !== 'EEXIST') throw error;
    if (ifExists === 'fail') throw taken(name, error);
    return undefined;
  });
  if (spaces !== undefined) return fill(spaces, asThings(thingsOf(topology)), how);
  const lab = await openLab(name ?? '');
  try {
    await lab.apply(definition, how);
  } catch (error) {
    lab.close();
    throw error;
  }
  return lab;
}

/** A name that is there already, of a lab or of another namespace. */
function taken(name: string, cause: unknown): LabError {
  const reason =
    "there is a namespace of this name; where it is a lab, `ifExists: 'apply'` makes that what the definition says, and `destroyLab` deletes it";
  return new LabError({ code: 'EEXIST', lab: name, operation: 'create', reason }, { cause });
}

async function fill(
  spaces: Spaces,
  wanted: Things,
  { onFailure = 'undo', ...how }: ApplyLabOptions,
): Promise<Lab> {
  try {
    await whileNobodyElse(spaces, 'create', async () => carryOut(spaces, difference(new Map(), wanted), how));
  } catch (error) {
    // without a name nobody would find what is kept
    if (onFailure === 'undo' || spaces.name === undefined)
      return takingBack(error, async () => destroySpaces(spaces));
    spaces.close();
    throw error;
  }
  return new Lab(spaces, wanted, 'create');
}
