import { type OptionCheck, oneOf } from '../../common/options';
import { checkInteger } from '../../common/check';
import { choice, u8 } from '../codec';
import { naming } from './ether-type';

/** linux/in.h and linux/in6.h, IPPROTO_*: the protocols above IP that filters and rules name. */
const IP_PROTOCOLS = {
  icmp: 1, // IPPROTO_ICMP
  tcp: 6, // IPPROTO_TCP
  udp: 17, // IPPROTO_UDP
  icmpv6: 58, // IPPROTO_ICMPV6
  sctp: 132, // IPPROTO_SCTP
} as const;

/**
 * A protocol above IP, by its name or its number.
 *
 * @useDeclaredType
 */
export type IpProtocol = keyof typeof IP_PROTOCOLS | number;

export const ipProtocol = choice(u8, IP_PROTOCOLS);

/** The name of a number that has one. */
export const ipProtocolName = naming<IpProtocol>(IP_PROTOCOLS);

const isWord = oneOf(Object.keys(IP_PROTOCOLS), { number: true });

export const isIpProtocol: OptionCheck = (value, path) => {
  isWord(value, path);
  if (typeof value === 'number') checkInteger(path, value, 0, 0xff);
};

export function ipProtocolNumber(protocol: IpProtocol): number {
  return typeof protocol === 'number' ? protocol : IP_PROTOCOLS[protocol];
}
