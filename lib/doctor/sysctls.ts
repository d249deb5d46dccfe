import type { Link } from '../links/link-view';
import type { Netns } from '../netns/netns';
import { FORWARDING } from '../network/forwarding';
import { BR_NETFILTER, ignoreMissing } from '../network/host';
import { getSysctl } from '../sysctl/sysctls';

export type Sysctls = Readonly<Record<string, string>>;

/** Packets that wait for one CPU. Only the machine's first namespace has this sysctl, which holds for all namespaces. */
export const MAX_BACKLOG = 'net/core/netdev_max_backlog';

export const ofDevice = (family: 4 | 6, device: string, name: string) =>
  `net/ipv${family}/conf/${device}/${name}`;

/** Reads the sysctls that the checks use. Those of a part that the kernel lacks, such as IPv6, are left out. */
export async function readSysctls(netns: Netns, links: readonly Link[]): Promise<Sysctls> {
  // Ports of a bridge are left out, because the kernel does not route what comes in by them.
  const devices = links.filter(({ master }) => master === undefined).map(({ name }) => name);
  const groups: readonly (readonly string[])[] = [
    [FORWARDING[4], ofDevice(4, 'all', 'rp_filter')],
    [FORWARDING[6]],
    [MAX_BACKLOG],
    BR_NETFILTER,
    ...devices.map((device) => [ofDevice(4, device, 'forwarding'), ofDevice(4, device, 'rp_filter')]),
    ...devices.map((device) => [ofDevice(6, device, 'forwarding')]),
    ...devices.map((device) => [ofDevice(4, device, 'route_localnet')]),
  ];
  const found = await Promise.all(groups.map(async (keys) => ignoreMissing(getSysctl(netns, keys))));
  return Object.assign({}, ...found) as Sysctls;
}
