import { asThings, keyOf, type Things } from '../things';

/** Of rules the kernel has no more than their digest: with the definitions of those that this object has made. */
export function withKnownRules(found: Things, known: Things): Things {
  return asThings(
    [...found.values()].map((thing) => {
      const before = thing.kind === 'rules' ? known.get(keyOf(thing)) : undefined;
      return before?.kind === 'rules' && thing.kind === 'rules' && before.digest === thing.digest
        ? before
        : thing;
    }),
  );
}
