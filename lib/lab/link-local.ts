import { addAddr, listAddrs, removeAddr } from '../addresses/addresses';
import { allDone } from '../common/all-done';
import { address } from '../netlink/rtnetlink/address';
import { GROUPS } from '../netlink/rtnetlink/groups';
import type { Netns } from '../netns/netns';
import { seeDone } from '../netns/see';

// Who forwards a packet asks for the neighbour with the link-local address of the device. The kernel uses that address only after duplicate
// address detection (RFC 4862, 5.4), which takes one to two seconds. Within a lab nobody else has the address.

/** Waits until these devices have link-local addresses, and ends the duplicate address detection of those. */
export async function settleLinkLocal(
  netns: Netns,
  devices: readonly string[],
  operation: string,
  signal?: AbortSignal,
): Promise<void> {
  const deed = {
    attempt: { operation },
    groups: [GROUPS.addr6],
    concerns: ({ type }: { type: number }) => type === address.verbs.add,
    look: async () => {
      const settled = await allDone(devices.map(async (device) => settle(netns, device)));
      return settled.every(Boolean);
    },
  };
  await seeDone(netns, deed, signal);
}

/** Whether the device has a link-local address. */
async function settle(netns: Netns, device: string): Promise<boolean> {
  const addrs = await listAddrs(netns, { device, family: 6, scope: 'link' });
  for (const { addr, ...besides } of addrs.filter(({ flags }) => flags.includes('tentative'))) {
    // the detection ends with the address, and replacing one does not end it
    await removeAddr(netns, device, addr, { ifMissing: 'ignore' });
    await addAddr(netns, device, addr, { ...besides, dad: false, ifExists: 'ignore' });
  }
  return addrs.length > 0;
}
