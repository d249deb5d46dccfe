import type { Netns } from '../netns/netns';
import { takingBackIn } from '../netns/still-open';
import * as nft from '../nft';
import { addOperations, firstDifference, networkElements, readNetwork } from './table/elements';
import { checkOverlap, ensureBridge, findBridge, mismatch } from './host';
import { enableForwarding, type SysctlChange } from './forwarding';
import { NetworkError } from './network-error';
import { removeEmptyTable, removeNetwork } from './remove';
import type { NetworkPlan } from './plan';
import { missingParts, TABLE } from './table/ruleset';
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
  for (;;) {
    const found = await enterNetwork(host, fd, plan, mac);
    const made = async () => {
      const { mtu } = await ensureBridge(host, plan, mac);
      const network = { mtu, found, sysctls: await enableForwarding(host, plan) };
      // Another process may have removed the network after its elements were added.
      const there = await readNetwork(host, plan.name);
      return there.length > 0 ? network : undefined;
    };
    const network = await made().catch(async (refusal: unknown) => {
      const error = await withAllSysctls(refusal, host, plan, found);
      if (found) throw error;
      return takingBackIn(host, fd, error, async (open) => removeNetwork({ host: open, hostFd: fd, plan }));
    });
    if (network !== undefined) return network;
  }
}

/** Adds the elements of a network to the table. @returns whether they existed. */
async function enterNetwork(host: Netns, fd: number, plan: NetworkPlan, mac: string): Promise<boolean> {
  const { name } = plan;
  const wanted = networkElements(plan, mac);
  for (;;) {
    const bridge = await findBridge(host, name, mac);
    const there = await readNetwork(host, name);
    if (there.length > 0) {
      const option = firstDifference(wanted, there);
      if (option !== undefined) throw mismatch(name, option, `with another ${option}`);
      await ensureTable(host);
      return true;
    }
    await checkOverlap(host, plan, bridge);
    await ensureTable(host);
    try {
      await nft.apply(host, addOperations(wanted));
      return false;
    } catch (error) {
      await refuseUnlessChanged(host, plan, error).catch(async (refusal: unknown) =>
        takingBackIn(host, fd, refusal, removeEmptyTable),
      );
    }
  }
}

/** Adds what the table lacks, unless the ruleset changes meanwhile, because a rule that two processes add exists twice. */
async function ensureTable(host: Netns): Promise<void> {
  const read = async () =>
    missingParts(await nft.listRuleset(host, { family: TABLE.family, table: TABLE.name, elements: false }));
  if ((await read()).length > 0) await nft.apply(host, read);
}

/** Returns where another process created the network meanwhile, or deleted the table with the last network. */
async function refuseUnlessChanged(host: Netns, { name }: NetworkPlan, error: unknown): Promise<void> {
  const code = error instanceof nft.NftError ? error.code : undefined;
  if (code === 'ENOENT') return;
  if (code !== 'EEXIST') throw error;
  if ((await readNetwork(host, name)).length > 0) return;
  // The network itself does not exist, so the kernel refused an interval that overlaps with another one of the set.
  const reason = 'it overlaps with that of another network, as both are masqueraded';
  const details = { operation: 'create', network: name, option: 'subnet', reason };
  throw new NetworkError({ ...details, code: 'ERR_SUBNET_OVERLAP' }, { cause: error });
}
