import { Gathering } from '../../common/gathering';
import type { Netns } from '../../netns/netns';
import * as nft from '../../nft';

type Change = readonly nft.Operation[];

/** So many operations are one transaction at most, because all others of the namespace wait for its end. */
const MOST_OPERATIONS = 1000;

const changes = new Gathering<Netns, Change>(changeTogether);

/**
 * Changes elements: all of the operations, or none. Changes that are asked for at the same time are one transaction, because for
 * each transaction the kernel waits until no packet is under way in the rules of before, 5 to 20 ms. A change that the kernel refuses
 * is asked for again alone, so that its error is its own, and the others are made without it.
 *
 * @throws {@link nft.NftError}
 */
export async function changeElements(host: Netns, operations: Change): Promise<void> {
  await changes.add(host, operations);
}

async function changeTogether(host: Netns, all: readonly Change[]): Promise<Map<Change, unknown>> {
  const errors = new Map<Change, unknown>();
  for (const some of portions(all)) {
    const refused = some.length === 1 ? some : await changeAllBut(host, some);
    for (const one of refused) await nft.apply(host, one).catch((error: unknown) => errors.set(one, error));
  }
  return errors;
}

/** @returns the changes that were not made, because the kernel refused them, or all of them. */
async function changeAllBut(host: Netns, all: readonly Change[]): Promise<Change[]> {
  const refused: Change[] = [];
  for (let rest = [...all]; rest.length > 0;) {
    const owners = rest.flatMap((one) => one.map(() => one));
    const error: unknown = await nft.apply(host, rest.flat()).then(
      () => undefined,
      (failure: unknown) => failure,
    );
    if (error === undefined) return refused;
    const failures = error instanceof nft.NftError ? error.failures : [];
    const faulty = new Set(failures.map(({ index }) => owners[index]));
    const left = rest.filter((one) => !faulty.has(one));
    if (left.length === rest.length) return [...refused, ...rest];
    refused.push(...rest.filter((one) => faulty.has(one)));
    rest = left;
  }
  return refused;
}

function* portions(all: readonly Change[]): Generator<Change[]> {
  let [portion, operations]: [Change[], number] = [[], 0];
  for (const one of all) {
    if (portion.length > 0 && operations + one.length > MOST_OPERATIONS) {
      yield portion;
      [portion, operations] = [[], 0];
    }
    portion.push(one);
    operations += one.length;
  }
  yield portion;
}
