import type { Netns } from '../netns/netns';
import * as nft from '../nft';
import { adding, difference, networkElements, readNetwork } from './table/elements';
import {
  checkOverlap,
  enableForwarding,
  ensureBridge,
  findBridge,
  mismatch,
  type SysctlChange,
} from './host';
import { NetworkError } from './network-error';
import { removeNetwork } from './remove';
import type { NetworkPlan } from './plan';
import { missingParts, TABLE } from './table/ruleset';

export type { SysctlChange } from './host';

export interface CreatedNetwork {
  mtu: number;
  found: boolean;
  sysctls: SysctlChange[];
}

/** Makes what of a network is not there: first what says that it is to be, so that a bridge of ours is known as such. */
export async function createNetwork(host: Netns, plan: NetworkPlan, mac: string): Promise<CreatedNetwork> {
  for (;;) {
    const found = await enterNetwork(host, plan, mac);
    const made = async () => {
      const { mtu } = await ensureBridge(host, plan, mac);
      return { mtu, found, sysctls: await enableForwarding(host, plan) };
    };
    const network = await made().catch(async (error: unknown) => {
      if (!found) await removeNetwork({ host, plan });
      throw error;
    });
    // somebody may have removed it between the two
    const there = await readNetwork(host, plan.name);
    if (there.length > 0) return network;
  }
}

/** @returns whether it was there. */
async function enterNetwork(host: Netns, plan: NetworkPlan, mac: string): Promise<boolean> {
  const { name } = plan;
  const wanted = networkElements(plan, mac);
  for (;;) {
    const bridge = await findBridge(host, name, mac);
    const there = await readNetwork(host, name);
    if (there.length > 0) {
      const option = difference(wanted, there);
      if (option !== undefined) throw mismatch(name, option, `with another ${option}`);
      await ensureTable(host);
      return true;
    }
    await checkOverlap(host, plan, bridge);
    await ensureTable(host);
    try {
      await nft.apply(host, adding(wanted));
      return false;
    } catch (error) {
      await refuseUnlessChanged(host, plan, error);
    }
  }
}

/** Rules would be there twice, if two added them: so only as long as nobody else changes anything. */
async function ensureTable(host: Netns): Promise<void> {
  const read = async () =>
    missingParts(await nft.listRuleset(host, { family: TABLE.family, table: TABLE.name, elements: false }));
  if ((await read()).length > 0) await nft.apply(host, read);
}

/** Somebody else may have made the network in the same moment, or taken the table away with the last one. */
async function refuseUnlessChanged(host: Netns, { name }: NetworkPlan, error: unknown): Promise<void> {
  const code = error instanceof nft.NftError ? error.code : undefined;
  if (code === 'ENOENT') return;
  if (code !== 'EEXIST') throw error;
  if ((await readNetwork(host, name)).length > 0) return;
  // intervals of one set do not overlap
  const reason = 'it overlaps with that of another network, as both are masqueraded';
  const details = { operation: 'create', network: name, option: 'subnet', reason };
  throw new NetworkError({ ...details, code: 'ERR_SUBNET_OVERLAP' }, { cause: error });
}
