import { randomInt } from 'node:crypto';
import type { Family } from '../../common/check';
import type { Netns } from '../../netns/netns';
import * as nft from '../../nft';
import { adding, isMember, type PlacedElement, readElements } from './elements';
import { type PublishedPort, publishedPorts } from './published-ports';
import { type SetName, SETS } from './ruleset';

export interface Attachment {
  /** The host's end of its pair. */
  port: string;
  /** The number of its attachment, or the sign of life of who is just attaching or detaching it. */
  state: number;
  addresses: Partial<Record<Family, string>>;
}

/** A member as the table has it. */
export interface MemberRecord extends Attachment {
  network: string;
  mac: string;
  published: PublishedPort[];
  /** All that the table has of it. */
  elements: PlacedElement[];
}

const ADDRESSES = ['addresses4', 'addresses6'] as const;
const PUBLISHED = ['ports4', 'ports6', 'published4', 'published6'] as const;
export const MEMBER_SETS: readonly SetName[] = ['members', 'states', ...ADDRESSES, ...PUBLISHED];

/** A number for the state of a member that is attached: another one each time. Signs of life are the odd ones. */
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

/** The port whose element it is. */
function ownerOf({ set, element }: PlacedElement): string {
  if (set === 'members') return text(element.key);
  if (set === 'states') return text((element.key as readonly string[])[0]);
  return element.comment ?? '';
}

/** Of a key or a value with one part that is not a number. */
function text(value: nft.NftElement['key'] | nft.NftElement['value']): string {
  return typeof value === 'string' ? value : '';
}

/** Published ports that nobody has any more: of one who was detached in the same moment. */
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

/** From one to the other, or the transaction fails with ENOENT: it is in another. */
export function changingState(port: string, from: number, to: number): nft.Operation[] {
  return [nft.deleteElements(SETS.states, [[port, from]]), ...adding([stateElement(port, to)])];
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
