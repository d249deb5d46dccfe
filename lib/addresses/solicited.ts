import { AF } from '../common/check';
import { ipBytes, ipText } from '../common/ip-text';
import type { Attempt } from '../netlink/error';
import { address, multicastAddress } from '../netlink/rtnetlink/address';
import { GROUPS } from '../netlink/rtnetlink/groups';
import type { Netns } from '../netns/netns';
import { seeDone } from '../netns/see';

// Others ask for an address of IPv6 by its solicited-node group. The kernel (6.18) joins that group by a worker, also without duplicate address
// detection: a question that comes before is dropped, and the next one comes after a second. An event about the address follows.

const joinedGroup = multicastAddress.reading('multicast');

/** Waits, but not for ever, until others can find a namespace's new addresses of IPv6: 'fd00::2'. Others are passed over. */
export async function seeSolicited(
  netns: Netns,
  addrs: readonly string[],
  attempt: Attempt,
  signal?: AbortSignal,
): Promise<void> {
  const groups = [...new Set(addrs.filter((addr) => addr.includes(':')).map(solicitedGroup))];
  if (groups.length === 0) return;
  const deed = {
    attempt,
    groups: [GROUPS.addr6],
    concerns: ({ type }: { type: number }) => type === address.verbs.add,
    look: async () => {
      const found = await netns.request(joinedGroup.dump({ family: AF[6] }, attempt));
      const joined = new Set(found.map(({ multicast }) => multicast));
      return groups.every((group) => joined.has(group));
    },
  };
  await seeDone(netns, deed, signal);
}

/** RFC 4291, 2.7.1: ff02::1:ff and the last three bytes of the address. */
function solicitedGroup(addr: string): string {
  const group = Uint8Array.of(0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, 0, 0, 0);
  group.set(ipBytes(addr).subarray(-3), 13);
  return ipText(group);
}
