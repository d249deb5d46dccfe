import type { Netns } from '../netns';
import * as nft from '../nftables';
import { adding, difference, networkElements, readNetwork } from './elements';
import {
  checkOverlap,
  enableForwarding,
  ensureBridge,
  findBridge,
  mismatch,
  type SysctlChange,
} from './host';
import { NetworkError } from './network-error';
import type { NetworkPlan } from './options';
import { missingParts, TABLE } from './ruleset';

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
    const sysctls = await enableForwarding(host, plan);
    const { mtu } = await ensureBridge(host, plan, mac);
    // somebody may have removed it between the two
    const there = await readNetwork(host, plan.name);
    if (there.length > 0) return { mtu, found, sysctls };
  }
}

/** @returns whether it was there. */
async function enterNetwork(host: Netns, plan: NetworkPlan, mac: string): Promise<boolean> {
  const { name } = plan;
  const wanted = networkElements(plan, mac);
  let found = false;
  try {
    await nft.apply(host, async () => {
      const bridge = await findBridge(host, name, mac);
      const parts = missingParts(
        await nft.listRuleset(host, { family: TABLE.family, table: TABLE.name, elements: false }),
      );
      const there = await readNetwork(host, name);
      found = there.length > 0;
      if (!found) {
        await checkOverlap(host, plan, bridge);
        return [...parts, ...adding(wanted)];
      }
      const option = difference(wanted, there);
      if (option !== undefined) throw mismatch(name, option, `with another ${option}`);
      return parts;
    });
  } catch (error) {
    if (!(error instanceof nft.NftError && error.code === 'EEXIST')) throw error;
    // intervals of one set do not overlap
    const reason = 'it overlaps with that of another network';
    const details = { operation: 'create', network: name, option: 'subnet', reason };
    throw new NetworkError({ ...details, code: 'ERR_SUBNET_OVERLAP' }, { cause: error });
  }
  return found;
}
