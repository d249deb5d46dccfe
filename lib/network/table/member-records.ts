import { randomInt } from 'node:crypto';
import type { Family } from '../../common/check';
import type { Netns } from '../../netns/netns';
import * as nft from '../../nft';
import { addOperations, isMember, type PlacedElement, readElements } from './elements';
import { type PublishedPort, publishedPorts } from './published-ports';
import { type SetName, SETS } from './sets';

/** A member as the table records it. */
export interface MemberRecord {
  network: string;
  /** Name of the host's end of the pair. */
  port: string;
  /**
   * An even number, random for each change of the member, where the member is attached; otherwise the odd number of the life sign
   * that proves that the attaching or detaching process still lives. So a transaction that deletes the number fails with ENOENT where
   * another process has changed anything of the member since it was read.
   */
  state: number;
  addresses: Partial<Record<Family, string>>;
  mac: string;
  published: PublishedPort[];
  /** All elements of the member. */
  elements: PlacedElement[];
}

const ADDRESSES = ['addresses4', 'addresses6'] as const;
const PUBLISHED = ['ports4', 'ports6', 'published4', 'published6'] as const;
/** Sets with what limits members. They are missing as long as no member was limited. */
const LIMITS = ['limited4', 'limited6', 'checked', 'senders4', 'senders6', 'grants', 'names'] as const;
export const MEMBER_SETS: readonly SetName[] = ['members', 'states', ...ADDRESSES, ...PUBLISHED, ...LIMITS];

/** Sets whose keys are the port of the member, or begin with it. In other sets, the comment names the owner. */
const BY_KEY: readonly SetName[] = [
  'members',
  'states',
  'checked',
  'senders4',
  'senders6',
  'grants',
  'names',
];

/** A random number for the state of a member that is attached. It is even, because life signs have the odd numbers. */
export function newState(): number {
  return 2 * randomInt(1, 2 ** 31);
}

/** The state of a member after a change. While a process attaches or detaches the member, the state is that of this process. */
export function nextState({ state }: MemberRecord): number {
  return isAttached(state) ? newState() : state;
}

export function isAttached(state: number): boolean {
  return state % 2 === 0;
}

const isAddress = ({ set }: PlacedElement) => (ADDRESSES as readonly SetName[]).includes(set);
export const isPublished = ({ set }: PlacedElement) => (PUBLISHED as readonly SetName[]).includes(set);

/** Reads all members of some networks from the table. */
export async function readMembers(host: Netns, networks: readonly string[]): Promise<MemberRecord[]> {
  return toMembers(networks, await readElements(host, MEMBER_SETS));
}

/** Reads one member of a network; undefined where the table has none with that port. */
export async function readMember(
  host: Netns,
  network: string,
  port: string,
): Promise<MemberRecord | undefined> {
  return (await readMembers(host, [network])).find((member) => member.port === port);
}

/** Name of the port whose member the element belongs to. */
function ownerOf({ set, element }: PlacedElement): string {
  if (!BY_KEY.includes(set)) return element.comment ?? '';
  return text([element.key].flat()[0]);
}

/** A key or a value that is one text; '' for any other one. */
function text(value: nft.NftElement['key'] | nft.NftElement['value']): string {
  return typeof value === 'string' ? value : '';
}

/** Elements of published ports whose member was detached at the moment when the ports were published. */
export function portsWithoutMember(placed: readonly PlacedElement[]): PlacedElement[] {
  const ports = new Set(placed.filter(({ set }) => set === 'members').map(ownerOf));
  return placed.filter((one) => isPublished(one) && !ports.has(ownerOf(one)));
}

export function toMembers(networks: readonly string[], placed: readonly PlacedElement[]): MemberRecord[] {
  const owned = new Map<string, PlacedElement[]>();
  for (const one of placed) {
    const owner = ownerOf(one);
    const others = owned.get(owner);
    if (others === undefined) owned.set(owner, [one]);
    else others.push(one);
  }
  return placed
    .filter(({ set, element }) => networks.some((network) => isMember(set, element, network)))
    .map(({ element: { key, value } }) => {
      const elements = owned.get(text(key)) ?? [];
      const addresses = elements.filter(isAddress);
      return {
        network: text(value),
        port: text(key),
        state: stateIn(elements),
        addresses: Object.fromEntries(
          addresses.map(({ set, element }) => [set.at(-1), (element.key as readonly string[])[1]]),
        ) as MemberRecord['addresses'],
        mac: text(addresses[0]?.element.value),
        published: publishedPorts(elements.filter(isPublished)),
        elements,
      };
    });
}

function stateIn(elements: readonly PlacedElement[]): number {
  const found = elements.find(({ set }) => set === 'states');
  return found === undefined ? 0 : Number((found.element.key as readonly unknown[])[1]);
}

export function memberElement(network: string, port: string): PlacedElement {
  return { set: 'members', element: { key: port, value: network } };
}

export function stateElement(port: string, state: number): PlacedElement {
  return { set: 'states', element: { key: [port, state] } };
}

/** The member in its next state, with its ports as these elements publish them. */
export function changedMember(
  member: MemberRecord,
  state: number,
  published: readonly PlacedElement[],
): MemberRecord {
  const kept = member.elements.filter((one) => one.set !== 'states' && !isPublished(one));
  const elements = [...kept, stateElement(member.port, state), ...published];
  return { ...member, state, published: publishedPorts(published), elements };
}

/** Operations that change a member's state. The transaction fails with ENOENT where the state is another one than `from`. */
export function stateChange(port: string, from: number, to: number): nft.Operation[] {
  return [nft.deleteElements(SETS.states, [[port, from]]), ...addOperations([stateElement(port, to)])];
}

export function addressElements(
  network: string,
  port: string,
  mac: string,
  addresses: Readonly<Partial<Record<Family, string>>>,
): PlacedElement[] {
  return Object.entries(addresses).map(([family, address]) => ({
    set: `addresses${family}` as SetName,
    element: { key: [network, address], value: mac, comment: port },
  }));
}
