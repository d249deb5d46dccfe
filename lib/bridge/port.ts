import type { Attempt } from '../netlink/error';
import { link } from '../netlink/rtnetlink/link';
import { type Device, deviceRef } from '../netns/device';
import type { Netns } from '../netns/netns';

const membership = link.reading('info', 'master');

/** @internal A device, and the bridge that it is a port of. */
export async function findPort(
  netns: Netns,
  device: Device,
  attempt: Attempt,
): Promise<{ index: number; bridge?: number }> {
  const found = await netns.request(membership.get(deviceRef(device), attempt));
  const { index = 0, info, master } = found ?? {};
  return info?.portKind === 'bridge' && master !== undefined ? { index, bridge: master } : { index };
}
