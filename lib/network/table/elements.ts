import { coalesceFor } from '../../common/coalesce';
import { ignoring } from '../../netlink/error';
import * as nft from '../../nft';
import { findElement } from '../../nft/list';
import { atOneGeneration } from '../../nft/generation';
import type { Netns } from '../../netns/netns';
import type { NetworkPlan } from '../plan';
import { type SetName, SETS } from './sets';

// The elements of a network in the sets and maps of the table.

export interface PlacedElement {
  set: SetName;
  element: nft.NftElement;
}

/** An element of a network itself, and the option that the element comes from. */
interface OwnElement extends PlacedElement {
  option: string;
}

/** The elements that record a network and its options. One transaction adds them all. */
export function networkElements(plan: NetworkPlan, mac: string): OwnElement[] {
  const { name, subnets, nat, isolated, internal, icc } = plan;
  const own = (option: string, set: SetName, key: nft.Key = name, more: object = {}): OwnElement => ({
    option,
    set,
    element: { key, comment: name, ...more },
  });
  const masqueraded = nat && !internal;
  return [
    own('name', 'bridges'),
    own('name', 'loops', [name, name]),
    ...subnets.flatMap(({ family, subnet, gateway }) => [
      own(family === 4 || subnets.length === 1 ? 'subnet' : 'ipv6', `subnets${family}`, [subnet, name]),
      own('gateway', `addresses${family}`, [name, gateway], { value: mac }),
      ...(masqueraded ? [own('nat', `nat${family}`, subnet)] : []),
    ]),
    ...(internal ? [own('internal', 'internal')] : []),
    ...(masqueraded ? [own('nat', 'closed')] : []),
    ...(isolated ? [own('isolated', 'isolated')] : []),
    ...(icc ? [own('icc', 'talking', [name, name])] : []),
  ];
}

/** The order in which differences are reported. 'internal' comes before 'nat', because it changes the sets of `nat`, too. */
const OPTIONS: readonly (readonly [SetName, string])[] = [
  ['subnets4', 'subnet'],
  ['subnets6', 'ipv6'],
  ['addresses4', 'gateway'],
  ['addresses6', 'gateway'],
  ['internal', 'internal'],
  ['closed', 'nat'],
  ['nat4', 'nat'],
  ['nat6', 'nat'],
  ['isolated', 'isolated'],
  ['talking', 'icc'],
  ['bridges', 'name'],
  ['loops', 'name'],
];

/** The first option in which a network that exists differs from the network that is asked for. */
export function firstDifference(
  wanted: readonly PlacedElement[],
  there: readonly PlacedElement[],
): string | undefined {
  const texts = (placed: readonly PlacedElement[], set: SetName) =>
    JSON.stringify(placed.flatMap(({ set: at, element }) => (at === set ? [element.key] : [])).sort());
  return OPTIONS.find(([set]) => texts(wanted, set) !== texts(there, set))?.[1];
}

const byName = new Map<SetName, nft.SetReference>(
  Object.values(SETS).map((set) => [set.name, set as nft.SetReference]),
);

/**
 * Reads the elements of several sets as of one moment. A set that does not exist has none. Those who read the same sets at the same
 * time share what is read.
 */
export async function readElements(host: Netns, sets: readonly SetName[]): Promise<readonly PlacedElement[]> {
  return readTogether(host, sets.join(' '));
}

const readTogether = coalesceFor(async (host: Netns, names) => {
  const sets = names.split(' ') as SetName[];
  const one = async (set: SetName): Promise<PlacedElement[]> => {
    const elements = (await nft.listElements(host, SETS[set]).catch(ignoring('ENOENT'))) ?? [];
    return elements.map((element) => ({ set, element }));
  };
  const all = async () => (await Promise.all(sets.map(one))).flat();
  return (await atOneGeneration(host, 'list networks', all)).found;
});

/** Whether an element is in the table, with this owner. */
export async function isThere(host: Netns, { set, element }: PlacedElement): Promise<boolean> {
  const found = await findElement(host, SETS[set], element.key);
  return found?.comment === element.comment;
}

/** Reads the elements that record some networks, without those of their members. */
export async function readNetworkElements(host: Netns, names: readonly unknown[]): Promise<PlacedElement[]> {
  const sets = OPTIONS.map(([set]) => set);
  return (await readElements(host, sets)).filter(({ element }) => names.includes(element.comment));
}

/** Operations that add elements. An element that exists is an error: EEXIST. */
export function addOperations(placed: readonly PlacedElement[]): nft.Operation[] {
  return grouped(placed, (set, elements) => nft.addElements(set, elements, { ifExists: 'fail' }));
}

/** Operations that delete elements. Elements that do not exist are ignored. */
export function deleteOperations(placed: readonly PlacedElement[]): nft.Operation[] {
  return grouped(placed, (set, elements) =>
    nft.deleteElements(
      set,
      elements.map(({ key }) => key),
      { ifMissing: 'ignore' },
    ),
  );
}

function grouped(
  placed: readonly PlacedElement[],
  build: (set: nft.SetReference, elements: readonly nft.NftElement[]) => nft.Operation,
): nft.Operation[] {
  const sets = new Map<SetName, nft.NftElement[]>();
  for (const { set, element } of placed) {
    const elements = sets.get(set);
    if (elements === undefined) sets.set(set, [element]);
    else elements.push(element);
  }
  return [...sets].flatMap(([set, elements]) => {
    const reference = byName.get(set);
    return reference === undefined ? [] : [build(reference, elements)];
  });
}

/** Whether there are other networks than these. */
export function hasOtherNetworks(names: readonly unknown[], all: readonly PlacedElement[]): boolean {
  return all.some(({ set, element }) => set === 'bridges' && !names.includes(element.key));
}

export function isMember(set: SetName, element: nft.NftElement, network: string): boolean {
  return set === 'members' && element.value === network;
}
