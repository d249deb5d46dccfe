import { ignoring } from '../../netlink/error';
import * as nft from '../../nft';
import { atOneGeneration } from '../../nft/generation';
import type { Netns } from '../../netns/netns';
import type { NetworkPlan } from '../plan';
import { type SetName, SETS } from './ruleset';

// What a network puts into the sets and maps of the table.

export interface PlacedElement {
  set: SetName;
  element: nft.NftElement;
}

/** An element of a network itself, and the option that it comes from. */
interface OwnElement extends PlacedElement {
  option: string;
}

/** What says that the network is there, and how. All of it is there, or nothing. */
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

/** In the order in which a difference is told: that of 'internal' has others for its consequence. */
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

/** The option in which what is there is other than what is wanted, if there is one. */
export function difference(
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

/** What some sets hold, all at one moment; nothing where they are not there. */
export async function readElements(host: Netns, sets: readonly SetName[]): Promise<PlacedElement[]> {
  const one = async (set: SetName): Promise<PlacedElement[]> => {
    const elements = (await nft.listElements(host, SETS[set]).catch(ignoring('ENOENT'))) ?? [];
    return elements.map((element) => ({ set, element }));
  };
  const all = async () => (await Promise.all(sets.map(one))).flat();
  return (await atOneGeneration(host, 'list networks', all)).found;
}

/** All that a network has put there for itself. */
export async function readNetwork(host: Netns, name: string): Promise<PlacedElement[]> {
  const sets = OPTIONS.map(([set]) => set);
  return (await readElements(host, sets)).filter(({ element }) => element.comment === name);
}

export function adding(placed: readonly PlacedElement[]): nft.Operation[] {
  return grouped(placed, (set, elements) => nft.addElements(set, elements, { ifExists: 'fail' }));
}

/** Takes them out where they are. */
export function deleting(placed: readonly PlacedElement[]): nft.Operation[] {
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

/** Whether there are networks but this one. */
export function hasOthers(name: string, all: readonly PlacedElement[]): boolean {
  return all.some(({ set, element }) => set === 'bridges' && element.key !== name);
}

export function isMember(set: SetName, element: nft.NftElement, network: string): boolean {
  return set === 'members' && element.value === network;
}
