import { coalesceFor } from '../common/coalesce';
import { ignoring, NetlinkError } from '../netlink/error';
import type { Netns } from '../netns/netns';
import { takingBackIn } from '../netns/still-open';
import * as nft from '../nft';
import { changeElements } from './table/change-elements';
import { addOperations, firstDifference, networkElements, readNetworkElements } from './table/elements';
import { checkOverlap, ensureBridge, findBridge, mismatch } from './host';
import { enableForwarding, type SysctlChange } from './forwarding';
import { NetworkError } from './network-error';
import { removeEmptyTable, removeNetwork } from './remove';
import type { NetworkPlan } from './plan';
import { missingParts } from './table/ruleset';
import { SETS, TABLE } from './table/sets';
import { withAllSysctls } from './unwritten-sysctls';

export type { SysctlChange } from './forwarding';

export interface CreatedNetwork {
  mtu: number;
  found: boolean;
  sysctls: SysctlChange[];
}

/**
 * Makes what a network lacks, `fd` being the descriptor of the host. The elements of the table come first, because they
 * mark the bridge as one of ours.
 */
export async function createNetwork(
  host: Netns,
  fd: number,
  plan: NetworkPlan,
  mac: string,
): Promise<CreatedNetwork> {
  for (let sysctls: SysctlChange[] = []; ;) {
    const found = await enterNetwork(host, fd, plan, mac);
    const made = async () => {
      const { mtu } = await ensureBridge(host, plan, mac);
      sysctls = await enableForwarding(host, plan, sysctls);
      return (await isStillThere(host, plan, mac)) ? { mtu, found, sysctls } : undefined;
    };
    const network = await made().catch(async (refusal: unknown) => {
      // what is gone is removed with the network, which is in the table a little longer
      if (isWithoutBridge(refusal)) return undefined;
      if (!(await isStillThere(host, plan, mac).catch(() => true))) return undefined;
      const error = await withAllSysctls(refusal, host, plan, found);
      if (found) throw error;
      return takingBackIn(host, fd, error, async (open) => removeNetwork({ host: open, hostFd: fd, plan }));
    });
    if (network !== undefined) return network;
  }
}

/** Whether somebody has deleted the bridge, after it was made. */
function isWithoutBridge(error: unknown): boolean {
  return (
    (error instanceof NetlinkError && error.code === 'ENODEV') ||
    (error instanceof NetworkError && error.code === 'ERR_NETWORK_REMOVED')
  );
}

/**
 * Whether the network is in the table, because another process may have removed it meanwhile. The transaction changes nothing, but
 * makes such a removal begin anew, if that has not ended: it finds the bridge then.
 */
async function isStillThere(host: Netns, plan: NetworkPlan, mac: string): Promise<boolean> {
  const own = networkElements(plan, mac).filter(({ set }) => set === 'bridges');
  const again = [nft.deleteElements(SETS.bridges, [plan.name]), ...addOperations(own)];
  const done = changeElements(host, again).then(() => true);
  return (await done.catch(ignoring('ENOENT'))) ?? false;
}

/** Adds the elements of a network to the table. @returns whether they existed. */
async function enterNetwork(host: Netns, fd: number, plan: NetworkPlan, mac: string): Promise<boolean> {
  const { name } = plan;
  const wanted = networkElements(plan, mac);
  for (;;) {
    const bridge = await findBridge(host, name, mac);
    const there = await readNetworkElements(host, [name]);
    if (there.length > 0) {
      const option = firstDifference(wanted, there);
      if (option !== undefined) throw mismatch(name, option, `with another ${option}`);
      await ensureTable(host);
      return true;
    }
    await checkOverlap(host, plan, bridge);
    await ensureTable(host);
    try {
      await changeElements(host, addOperations(wanted));
      return false;
    } catch (error) {
      await refuseUnlessChanged(host, plan, error).catch(async (refusal: unknown) =>
        takingBackIn(host, fd, refusal, removeEmptyTable),
      );
    }
  }
}

/** Adds what the table lacks, unless the ruleset changes meanwhile, because a rule that two processes add exists twice. */
const ensureTable = coalesceFor(async (host: Netns) => {
  const read = async () =>
    missingParts(await nft.listRuleset(host, { family: TABLE.family, table: TABLE.name, elements: false }));
  if ((await read()).length > 0) await nft.apply(host, read);
});

/** Returns where another process created the network meanwhile, or deleted the table with the last network. */
async function refuseUnlessChanged(host: Netns, { name }: NetworkPlan, error: unknown): Promise<void> {
  const code = error instanceof nft.NftError ? error.code : undefined;
  if (code === 'ENOENT') return;
  if (code !== 'EEXIST') throw error;
  if ((await readNetworkElements(host, [name])).length > 0) return;
  // The network itself does not exist, so the kernel refused an interval that overlaps with another one of the set.
  const reason = 'it overlaps with that of another network, as both are masqueraded';
  const details = { operation: 'create', network: name, option: 'subnet', reason };
  throw new NetworkError({ ...details, code: 'ERR_SUBNET_OVERLAP' }, { cause: error });
}
