import { AF, checkDevice, checkU32, parseIp } from '../common/check';
import { checkNetns } from '../netns/check-netns';
import { type Device, indexOf } from '../netns/device';
import type { Netns } from '../netns/netns';
import { defined } from '../common/objects';
import { shown } from '../common/shown';
import { checkOptions, integerFrom, optionTable, trueOrFalse } from '../common/options';
import { type IpProtocol, ipProtocolNumber, isIpProtocol } from '../netlink/rtnetlink/ip-protocol';
import { type Route, shownRoute, type ShownRouteMessage, toRoute } from './route-view';

/** Which packet it is that a route is asked for. */
export interface GetRouteOptions {
  /** Where the packet comes from, an address of the same family. Without `inputDevice`, IPv4 takes only an address of this namespace. */
  from?: string;
  /** The device that it comes in by, for one that is forwarded. */
  inputDevice?: Device;
  /** The device that it has to leave by. */
  outputDevice?: Device;
  /** Firewall mark. */
  mark?: number;
  /** The user whose packet it is; that of this process by default. */
  uid?: number;
  /** The protocol above IP. */
  ipProtocol?: IpProtocol;
  /** The port that it comes from. */
  sourcePort?: number;
  /** The port that it goes to. */
  destinationPort?: number;
  /** The TOS field of IPv4, the traffic class of IPv6. */
  tos?: number;
  /** Return the route in the table, with its destination and its ways, instead of the one way that the packet takes. */
  fibMatch?: boolean;
}

const PORT = integerFrom(1, 0xffff);

const GET_OPTIONS = optionTable<GetRouteOptions>({
  from: true,
  inputDevice: checkDevice,
  outputDevice: checkDevice,
  mark: true,
  uid: checkU32,
  ipProtocol: isIpProtocol,
  sourcePort: PORT,
  destinationPort: PORT,
  tos: integerFrom(0, 0xff),
  fibMatch: trueOrFalse,
});

// linux/rtnetlink.h
const RTM_F_LOOKUP_TABLE = 0x1000;
const RTM_F_FIB_MATCH = 0x2000;

/**
 * Returns the route that a packet to this address takes.
 *
 * @throws {@link NetlinkError} ENETUNREACH where no route leads there; EHOSTUNREACH, EACCES, EINVAL for one of type
 * unreachable, prohibit, blackhole.
 * @see ip-route(8): `ip route get`
 * @example
 * ```ts
 * const { via, src } = await getRoute(red, '10.0.0.2');
 * console.log(via, src); // undefined 10.0.0.1
 * ```
 */
export async function getRoute(netns: Netns, address: string, options: GetRouteOptions = {}): Promise<Route> {
  checkNetns(netns);
  const to = parseIp(address, 'address');
  const bits = to.family === 4 ? 32 : 128;
  checkOptions(options, GET_OPTIONS);
  const { from, inputDevice, outputDevice, mark, uid, ipProtocol, fibMatch = false } = options;
  const { sourcePort, destinationPort, tos = 0 } = options;
  const source = from === undefined ? undefined : parseIp(from, 'from');
  if (source !== undefined && source.family !== to.family) {
    throw new RangeError(`from: expected an IPv${to.family} address as well, got ${shown(from)}`);
  }
  const foreign = to.family === 4 && from !== undefined && inputDevice === undefined;
  const words = foreign ? { ...GET_WORDS, ENETUNREACH: FOREIGN } : GET_WORDS;
  const attempt = { operation: `get route to ${address}`, words, called: GET_CALLED };
  const [inputIndex, index] = await Promise.all([
    inputDevice === undefined ? undefined : indexOf(netns, inputDevice, attempt, 'inputDevice'),
    outputDevice === undefined ? undefined : indexOf(netns, outputDevice, attempt, 'outputDevice'),
  ]);
  const value = {
    family: AF[to.family],
    dstLength: bits,
    tos,
    dst: to.address,
    // the kernel then reports the table; for IPv6 it does so without the flag, and refuses the flag
    flags: (to.family === 4 ? RTM_F_LOOKUP_TABLE : 0) | (fibMatch ? RTM_F_FIB_MATCH : 0),
    ...(source !== undefined && { srcLength: bits, source: source.address }),
    ...defined({ inputIndex, index, mark, uid, sourcePort, destinationPort }),
    ...(ipProtocol !== undefined && { ipProtocol: ipProtocolNumber(ipProtocol) }),
  };
  const answer = (await netns.request(shownRoute.get(value, attempt))) as ShownRouteMessage;
  // of the source, the answer repeats the question
  const { from: _, ...found } = toRoute(answer);
  return found;
}

const GET_CALLED = { dst: 'address', index: 'outputDevice', inputIndex: 'inputDevice', source: 'from' };

const FOREIGN =
  'no route leads there, or no device here has the address `from`: a packet of another host has an `inputDevice`';

const GET_WORDS = {
  EACCES: "a route of type 'prohibit' leads there",
  EHOSTUNREACH: "a route of type 'unreachable' leads there",
  EINVAL: "a route of type 'blackhole' leads there, or the packet makes no sense",
  ENETUNREACH: 'no route leads there',
};
