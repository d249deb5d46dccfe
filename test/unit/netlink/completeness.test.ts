import { LACKING, NEWER } from '../../support/kernel-constants/exceptions';
import { headerSearch } from '../../support/kernel-constants/headers';
import { scanLibrary } from '../../support/kernel-constants/scan';
import { groupBy } from '../../support/kernel-constants/syntax';

// Whether the enumerations of rtnetlink have all that the kernel's headers have of their kind.

const ENTRIES = scanLibrary().numbers.filter(
  ({ kind, declared, names }) =>
    kind === 'entry' &&
    declared.startsWith('lib/netlink/rtnetlink/') &&
    names.some((name) => !name.startsWith('RTM_')),
);

const ENUMERATIONS = groupBy(ENTRIES, ({ declared }) => declared).map(
  (all) => [all[0]!.declared, all.flatMap(({ names }) => names)] as const,
);

/** 'NUD_' of NUD_STALE and NUD_DELAY. */
function commonPrefix(names: readonly string[]): string {
  let prefix = names[0]!;
  while (!prefix.endsWith('_') || !names.every((name) => name.startsWith(prefix)))
    prefix = prefix.slice(0, -1);
  return prefix;
}

const search = headerSearch();

/** Of enumerations that are newer than the headers, the headers have nothing. */
const NEWER_NAMES = new Set(Object.values(NEWER).flat());

test.each(ENUMERATIONS)('%s has all that the headers have', (declared, names) => {
  const found = search(names.find((name) => search(name, name).length > 0) ?? names[0]!, commonPrefix(names));
  const reasons = LACKING[declared] ?? {};
  const lacking = found.filter((name) => !names.includes(name) && !('*' in reasons) && !(name in reasons));
  // what is not to be there is listed in LACKING of exceptions.ts, with the reason
  expect(lacking).toEqual([]);
  if (!names.every((name) => NEWER_NAMES.has(name))) expect(found.length).toBeGreaterThan(1);
});

test('nothing that is listed as lacking is there', () => {
  const ours = new Map(ENUMERATIONS);
  const there = Object.entries(LACKING).flatMap(([declared, reasons]) =>
    Object.keys(reasons).filter((name) => ours.get(declared)?.includes(name) ?? true),
  );
  expect(there).toEqual([]);
});
