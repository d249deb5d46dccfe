import {
  IPV6_ADD_MEMBERSHIP,
  IPV6_MULTICAST_IF,
  IP_ADD_MEMBERSHIP,
  IP_MULTICAST_IF,
  SOL_IP,
  SOL_IPV6,
} from '../../addon/socket-constants';
import type { Family } from '../../common/check';
import type { SocketOption } from '../../addon/native';
import { ipv4, ipv6, u32, written } from '../../netlink/codec';
import { struct } from '../../netlink/struct';

/** struct ip_mreqn */
const ipMreqn = struct([['group', ipv4, 4], 4, ['device', u32, 4]]);
/** struct ipv6_mreq */
const ipv6Mreq = struct([
  ['group', ipv6, 16],
  ['device', u32, 4],
]);

function request(family: Family, value: { group: string; device: number }): Buffer {
  return family === 4 ? written(ipMreqn, value) : written(ipv6Mreq, value);
}

/** Joins a group on a device. */
export function membershipOption(family: Family, group: string, device: number): SocketOption {
  const [level, name] = family === 4 ? [SOL_IP, IP_ADD_MEMBERSHIP] : [SOL_IPV6, IPV6_ADD_MEMBERSHIP];
  return [level, name, request(family, { group, device }), true];
}

/** Sends multicast by a device. */
export function interfaceOption(family: Family, device: number): SocketOption {
  if (family === 6) return [SOL_IPV6, IPV6_MULTICAST_IF, device, true];
  return [SOL_IP, IP_MULTICAST_IF, written(ipMreqn, { group: '0.0.0.0', device }), true];
}
