import { randomInt } from 'node:crypto';
import type { Family } from '../../common/check';
import type { Netns } from '../../netns/netns';
import * as nft from '../../nft';
import { addOperations, isMember, type PlacedElement, readElements } from './elements';
import { type PublishedPort, publishedPorts } from './published-ports';
import { type SetName, SETS } from './ruleset';

/** One attachment of a member. A member that is detached and attached again has another one. */
export interface Attachment {
  /** Name of the host's end of the pair. */
  port: string;
  /**
   * An even number, random for each attachment, where the member is attached; otherwise the odd number of the life sign
   * that proves that the attaching or detaching process still lives.
   */
  state: number;
  addresses: Partial<Record<Family, string>>;
}

/** A member as the table records it. */
export interface MemberRecord extends Attachment {
  network: string;
  mac: string;
  published: PublishedPort[];
  /** All elements of the member. */
  elements: PlacedElement[];
}

const ADDRESSES = ['addresses4', 'addresses6'] as const;
const PUBLISHED = ['ports4', 'ports6', 'published4', 'published6'] as const;
export const MEMBER_SETS: readonly SetName[] = ['members', 'states', ...ADDRESSES, ...PUBLISHED];

/** A random number for the state of a member that is attached. It is even, because life signs have the odd numbers. */
export function newAttachment(): number {
  return 2 * randomInt(1, 2 ** 31);
}

export function isAttached(state: number): boolean {
  return state % 2 === 0;
}

const isAddress = ({ set }: PlacedElement) => (ADDRESSES as readonly SetName[]).includes(set);
export const isPublished = ({ set }: PlacedElement) => (PUBLISHED as readonly SetName[]).includes(set);

/** Reads all members of a network from the table. */
export async function readMembers(host: Netns, network: string): Promise<MemberRecord[]> {
  return toMembers(network, await readElements(host, MEMBER_SETS));
}

/** Reads one member of a network; undefined where the table has none with that port. */
export async function readMember(
  host: Netns,
  network: string,
  port: string,
): Promise<MemberRecord | undefined> {
  return (await readMembers(host, network)).find((member) => member.port === port);
}

/** Name of the port whose member the element belongs to. */
function ownerOf({ set, element }: PlacedElement): string {
  if (set === 'members') return text(element.key);
  if (set === 'states') return text((element.key as readonly string[])[0]);
  return element.comment ?? '';
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

export function toMembers(network: string, placed: readonly PlacedElement[]): MemberRecord[] {
  const owned = new Map<string, PlacedElement[]>();
  for (const one of placed) {
    const owner = ownerOf(one);
    const others = owned.get(owner);
    if (others === undefined) owned.set(owner, [one]);
    else others.push(one);
  }
  return placed
    .filter(({ set, element }) => isMember(set, element, network))
    .map(({ element: { key } }) => {
      const elements = owned.get(text(key)) ?? [];
      const addresses = elements.filter(isAddress);
      return {
        network,
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
