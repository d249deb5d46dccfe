import type { Family } from '../check';
import { deleteConntrack } from '../conntrack';
import { deleteLink } from '../links';
import type { Netns } from '../netns';
import * as nft from '../nftables';
import { adding, deleting, isMember, type Placed, readElements } from './elements';
import { type PublishedPort, publishedPorts } from './publish';
import { type SetName, SETS } from './ruleset';
import type { Sign } from '../sign';

/** A member as the table has it. */
export interface MemberRecord {
  /** The host's end of its pair. */
  port: string;
  /** Who is just attaching or detaching it: the id of a sign of life. */
  pending?: string;
  addresses: Partial<Record<Family, string>>;
  mac: string;
  published: PublishedPort[];
  /** All that the table has of it. */
  elements: Placed[];
}

const ADDRESSES = ['addresses4', 'addresses6'] as const;
const PUBLISHED = ['ports4', 'ports6', 'published4', 'published6'] as const;
export const MEMBER_SETS: readonly SetName[] = ['members', ...ADDRESSES, ...PUBLISHED];

const isAddress = ({ set }: Placed) => (ADDRESSES as readonly SetName[]).includes(set);
const isPublished = ({ set }: Placed) => (PUBLISHED as readonly SetName[]).includes(set);

/** All members of a network that the table knows. */
export async function readMembers(host: Netns, network: string): Promise<MemberRecord[]> {
  return toMembers(network, await readElements(host, MEMBER_SETS));
}

/** The port whose element it is. */
function ownerOf({ set, element }: Placed): string {
  return set === 'members' ? text(element.key) : (element.comment ?? '');
}

/** Of a key or a value with one part that is not a number. */
function text(value: nft.NftElement['key'] | nft.NftElement['value']): string {
  return typeof value === 'string' ? value : '';
}

/** Published ports that nobody has any more: of one who was detached in the same moment. */
export function abandoned(placed: readonly Placed[]): Placed[] {
  const ports = new Set(placed.filter(({ set }) => set === 'members').map(ownerOf));
  return placed.filter((one) => isPublished(one) && !ports.has(ownerOf(one)));
}

export function toMembers(network: string, placed: readonly Placed[]): MemberRecord[] {
  const owned = new Map<string, Placed[]>();
  for (const one of placed) {
    const owner = ownerOf(one);
    const others = owned.get(owner);
    if (others === undefined) owned.set(owner, [one]);
    else others.push(one);
  }
  return placed
    .filter(({ set, element }) => isMember(set, element, network))
    .map(({ element: { key, comment } }) => {
      const elements = owned.get(text(key)) ?? [];
      const addresses = elements.filter(isAddress);
      return {
        port: text(key),
        ...(comment !== undefined && { pending: comment }),
        addresses: Object.fromEntries(
          addresses.map(({ set, element }) => [set.at(-1), (element.key as readonly string[])[1]]),
        ) as MemberRecord['addresses'],
        mac: text(addresses[0]?.element.value),
        published: publishedPorts(elements.filter(isPublished)),
        elements,
      };
    });
}

/** That somebody attaches a member, or that it is attached. */
export function memberElement(network: string, port: string, pending?: string): Placed {
  return {
    set: 'members',
    element: { key: port, value: network, ...(pending !== undefined && { comment: pending }) },
  };
}

export function addressElements(
  network: string,
  port: string,
  mac: string,
  addresses: Readonly<Partial<Record<Family, string>>>,
): Placed[] {
  return Object.entries(addresses).map(([family, address]) => ({
    set: `addresses${family}` as SetName,
    element: { key: [network, address], value: mac, comment: port },
  }));
}

/**
 * Makes the caller the one who takes a member away, if it still is as it was when it was read: nobody else attaches it
 * then, or takes it away.
 */
export async function seizeMember(
  host: Netns,
  network: string,
  { port, pending }: Pick<MemberRecord, 'port' | 'pending'>,
  sign: Sign,
): Promise<boolean> {
  let seized = false;
  await nft.apply(host, async () => {
    const members = await readElements(host, ['members']);
    const current = members.find(({ element }) => element.key === port);
    seized = current !== undefined && current.element.comment === pending;
    if (!seized) return [];
    return [nft.deleteElements(SETS.members, [port]), ...adding([memberElement(network, port, sign.id)])];
  });
  return seized;
}

/** Takes a member away: its pair, which nobody else knows of then, and last what the table says of it. */
export async function dropMember(host: Netns, { port, addresses, elements }: MemberRecord): Promise<void> {
  await deleteLink(host, port, { ifMissing: 'ignore' });
  await nft.apply(host, deleting(elements));
  await forgetConnections(host, addresses);
}

/** What conntrack remembers of connections to these addresses would go on to be sent there. */
export async function forgetConnections(
  host: Netns,
  addresses: Readonly<Partial<Record<Family, string>>>,
): Promise<void> {
  const own = Object.values(addresses);
  await Promise.all([
    ...own.map(async (source) => deleteConntrack(host, { reply: { source } })),
    ...own.map(async (source) => deleteConntrack(host, { source })),
  ]);
}
