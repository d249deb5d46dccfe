import { printable } from '../../common/printable';
import type { SetReference } from '../language/model';
import type { Operation } from '../language/operations';
import { path } from './batch-item';
import { isSame } from './held';

// Whether the elements of a set are merged is in each reference to the set: the kernel stores it only for nft.

const ON_ELEMENTS: readonly string[] = ['addElements', 'deleteElements'];

/** @internal The sets whose content decides what their operations mean. */
export function mergedSets(operations: readonly Operation[]): SetReference[] {
  const sets: SetReference[] = [];
  for (const operation of operations) {
    const set = referred(operation);
    const isMerged = ON_ELEMENTS.includes(operation.op) && set?.autoMerge === true;
    if (isMerged && !sets.some((one) => isSame(one, set))) sets.push(set);
  }
  return sets;
}

/**
 * @internal Refuses operations that disagree about a set, because those without `autoMerge` would take no notice of what the
 * others merge. A set that is deleted may be added again in another way.
 *
 * @throws TypeError that names both operations.
 */
export function checkMerging(operations: readonly Operation[]): void {
  const seen = new Map<string, { index: number; operation: Operation; isMerged: boolean }>();
  for (const [index, operation] of operations.entries()) {
    const { op } = operation;
    if (op === 'flushRuleset' || op === 'deleteTable') seen.clear();
    const set = referred(operation);
    if (set === undefined) continue;
    if (op === 'deleteSet') seen.delete(path(set));
    if (op !== 'addSet' && !ON_ELEMENTS.includes(op)) continue;
    const isMerged = set.autoMerge === true;
    const first = seen.get(path(set));
    if (first === undefined) seen.set(path(set), { index, operation, isMerged });
    else if (first.isMerged !== isMerged) {
      const [own, other] = isMerged ? ['true', 'not'] : ['not', 'true'];
      throw new TypeError(
        `operations[${index}] (${op}): set.autoMerge: it is ${own} here, and ${other} in ` +
          `operations[${first.index}] (${first.operation.op}), of the same set ${printable(path(set))}`,
      );
    }
  }
}

/** The set that an operation names, where it has one: a caller may have written the operation by hand. */
function referred(operation: Operation): SetReference | undefined {
  const { set } = operation as { set?: SetReference };
  return (set as Partial<SetReference> | undefined)?.table === undefined ? undefined : set;
}
