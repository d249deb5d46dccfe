import { attributes } from '../../attributes';
import { be16, choice, ipv4, ipv6, mac, u32, u64, u8 } from '../../codec';
import { struct } from '../../struct';
import { checkInteger } from '../../../common/check';
import { integerFrom, oneOf, type OptionCheck } from '../../../common/options';

// What bridges and their ports have in common.

/** struct ifla_bridge_id: who is preferred as the root of the spanning tree. */
export const bridgeId = struct([
  ['priority', be16, 2],
  ['mac', mac, 6],
]);

/** The host that asks for multicast memberships, and the port by which it is reached. */
export const querierState = attributes({
  address: [1, ipv4], // BRIDGE_QUERIER_IP_ADDRESS
  port: [2, u32], // BRIDGE_QUERIER_IP_PORT
  otherTimer: [3, u64], // BRIDGE_QUERIER_IP_OTHER_TIMER
  address6: [5, ipv6], // BRIDGE_QUERIER_IPV6_ADDRESS
  port6: [6, u32], // BRIDGE_QUERIER_IPV6_PORT
  otherTimer6: [7, u64], // BRIDGE_QUERIER_IPV6_OTHER_TIMER
});

/** Of the reserved addresses 01:80:c2:00:00:0X, those with these bits are never forwarded: net/bridge/br_private.h. */
export function forwardMask(never: number, rule: string): OptionCheck {
  return (value, path) => {
    checkInteger(path, value, 0, 0xffff);
    if ((value & never) !== 0) throw new RangeError(`${path}: ${rule}, got ${value}`);
  };
}

/** linux/if_bridge.h, MDB_RTR_TYPE_* */
const ROUTERS = {
  disabled: 0, // MDB_RTR_TYPE_DISABLED
  auto: 1, // MDB_RTR_TYPE_TEMP_QUERY
  always: 2, // MDB_RTR_TYPE_PERM
  temp: 3, // MDB_RTR_TYPE_TEMP
} as const;

/** Where multicast routers are. */
export const multicastRouter = choice(u8, ROUTERS);

/** One of some words, or a number in their place. */
export function wordOrNumber(numbers: Readonly<Record<string, number>>): OptionCheck {
  const isWord = oneOf(Object.keys(numbers), { number: true });
  const values = Object.values(numbers);
  const isNumber = integerFrom(Math.min(...values), Math.max(...values));
  return (value, path) => (typeof value === 'number' ? isNumber : isWord)(value, path);
}

const { temp: _, ...ofBridges } = ROUTERS;

/** A bridge itself is never taken for a router for a time only. */
export const bridgeRouter = wordOrNumber(ofBridges);
export const portRouter = wordOrNumber(ROUTERS);
