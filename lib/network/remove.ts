import { Gathering } from '../common/gathering';
import { Turns } from '../common/turns';
import { deleteTogether } from '../links/delete-together';
import type { Netns } from '../netns/netns';
import { takingBackIn, withStillOpen } from '../netns/still-open';
import * as nft from '../nft';
import type { NetworkContext } from './members/context';
import { deleteOperations, hasOtherNetworks, readElements, readNetworkElements } from './table/elements';
import { forgetReached } from './egress/change-grants';
import { disableForwarding } from './forwarding';
import { forgetMembers } from './members/connections';
import { type MemberRecord, readMembers } from './table/member-records';
import { BRIDGE_TABLE, TABLE } from './table/sets';

/** A network, and the descriptor of its host. */
interface Removal {
  name: string;
  hostFd: number;
}

const removals = new Gathering<Netns, Removal>(removeTogether);

/** Of removals by several handles of one host, which would otherwise make each other compute their transactions again. */
const turns = new Turns();

/** Removes a network, and at once with it all that are asked for at the same time. */
export async function removeNetwork({
  host,
  hostFd,
  plan: { name },
}: Pick<NetworkContext, 'host' | 'hostFd' | 'plan'>): Promise<void> {
  await removals.add(host, { name, hostFd });
}

/** The elements go last, because networks without them could not be found again after a crash. */
async function removeTogether(
  host: Netns,
  asked: readonly [Removal, ...Removal[]],
): Promise<Map<Removal, unknown>> {
  const names = asked.map(({ name }) => name);
  const devices = new NetworkDevices(host, names);
  await devices.delete();
  // all of them are the host's, and none is closed before its removal has ended
  const [{ hostFd }] = asked;
  await removeElements(host, hostFd, names, devices);
  await forgetMembers(host, devices.members);
  await forgetReached({ host }, devices.members);
  return new Map();
}

/** The bridges of networks, and the ports of their members. */
class NetworkDevices {
  readonly #deleted = new Map<string, MemberRecord>();

  constructor(
    private readonly host: Netns,
    private readonly names: readonly string[],
  ) {}

  /** Those whose ports were deleted. */
  get members(): MemberRecord[] {
    return [...this.#deleted.values()];
  }

  /** Deletes what is there by now, because others may create the network again, and attach members, until its elements are gone. */
  async delete(): Promise<MemberRecord[]> {
    const members = await readMembers(this.host, this.names);
    // one that was attached again has another state
    const nameOf = ({ port, state }: MemberRecord) => `${port} ${state}`;
    const further = members.filter((member) => !this.#deleted.has(nameOf(member)));
    await deleteTogether(this.host, [...this.names, ...further.map(({ port }) => port)]);
    for (const member of further) this.#deleted.set(nameOf(member), member);
    return members;
  }
}

const deleteTables = () =>
  [TABLE, BRIDGE_TABLE].map((table) => nft.deleteTable(table, { ifMissing: 'ignore' }));

/** Removes the table where no network is in it, as after a creation that failed. */
export async function removeEmptyTable(host: Netns): Promise<void> {
  await nft.apply(host, async () => {
    const isEmpty = (await readElements(host, ['bridges'])).length === 0;
    return isEmpty ? deleteTables() : [];
  });
}

/**
 * Removes the elements of networks, or the table with the last of all. Whether there are others, and which devices are left, is decided
 * at the generation of the ruleset that the transaction is for, because others may be created or removed meanwhile.
 */
async function removeElements(
  host: Netns,
  hostFd: number,
  names: readonly string[],
  devices: NetworkDevices,
): Promise<void> {
  const others = async () => hasOtherNetworks(names, await readElements(host, ['bridges']));
  await turns.take(String(host.ino), async () => {
    const removal: { last?: boolean; enable?: (open: Netns) => Promise<void> } = {};
    const remove = async () => {
      const members = await devices.delete();
      removal.last = !(await others());
      if (removal.last) {
        // Forwarding ends before the table, because a host without the table's rules would forward everything. Another
        // process may have created a network before forwarding ended, and relies on it.
        removal.enable = await disableForwarding(host);
        removal.last = !(await others());
      }
      if (removal.last) return deleteTables();
      const own = await readNetworkElements(host, names);
      return deleteOperations([...own, ...members.flatMap(({ elements }) => elements)]);
    };
    await nft.apply(host, remove).catch(async (error: unknown) => {
      const { enable } = removal;
      return takingBackIn(host, hostFd, error, ...(enable === undefined ? [] : [enable]));
    });
    if (removal.last === false && removal.enable !== undefined)
      await withStillOpen(host, hostFd, removal.enable);
  });
}
