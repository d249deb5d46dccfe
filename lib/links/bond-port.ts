import { constants } from 'node:os';
import { integerFrom, optionTable } from '../common/options';
import { type Attempt, NetlinkError } from '../netlink/error';
import type { Request } from '../netlink/object';
import type { BondPortInfo } from '../netlink/rtnetlink/kinds/bond';
import { link } from '../netlink/rtnetlink/link';
import { type Device, type DeviceRef, NO_DEVICE } from '../netns/device';
import type { Netns } from '../netns/netns';
import { readLink } from './links';
import { refuseUnreported } from './supported';

const { EOPNOTSUPP } = constants.errno;

/** What can be changed of a bond's member. */
export interface BondPortSettings {
  /** The queue of the bond whose packets this member sends, where it can; 0 (the default) for none. */
  queueId?: number;
  /** In the modes in which one member sends: the member with the highest is preferred; 0 by default (6.0). */
  priority?: number;
  /** Of 802.3ad: the priority of the port in LACP, of which the lowest comes first; 255 by default (6.18). */
  adActorPortPriority?: number;
}

export const BOND_PORT_SETTINGS = optionTable<BondPortSettings>({
  queueId: integerFrom(0, 0xffff),
  priority: integerFrom(-0x80000000, 0x7fffffff),
  adActorPortPriority: integerFrom(0, 0xffff),
});

const NO_MEMBER = 'it is not the member of a bond';

export const BOND_PORT_WORDS = {
  ...NO_DEVICE,
  EOPNOTSUPP: NO_MEMBER,
  EACCES: 'the bond has a mode in which members have no such setting',
} as const;

const SENTENCES: Readonly<Record<string, string>> = {
  adActorPortPriority: 'only members of a bond of 802.3ad have one, and kernels before 6.18 would ignore it',
};

export const setBondPort = (ref: DeviceRef, portData: BondPortInfo, attempt: Attempt): Request<undefined> =>
  link.add({ ...ref, info: { portKind: 'bond', portData } }, 0, attempt);

/**
 * Refuses what is no member of a bond, because the kernel would take the settings for those of the port of a bridge (6.18), and
 * settings that it would ignore.
 */
export async function requireBondPort(
  netns: Netns,
  device: Device,
  settings: BondPortSettings,
  attempt: Attempt,
): Promise<void> {
  const { bondPort } = await readLink(netns, device, attempt);
  if (bondPort === undefined) {
    throw new NetlinkError({ ...attempt, errno: EOPNOTSUPP, netns: netns.toString() });
  }
  for (const [name, value] of Object.entries(settings)) {
    refuseUnreported(netns, { [name]: value as unknown }, bondPort, attempt, SENTENCES[name]);
  }
}
