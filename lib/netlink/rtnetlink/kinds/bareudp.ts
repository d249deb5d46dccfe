import { defined } from '../../../common/objects';
import { oneOf, trueOrFalse } from '../../../common/options';
import { attributes } from '../../attributes';
import { be16, choice, flag, u16, type ValueOf } from '../../codec';
import type { LinkKind } from './link-kind';
import { isPresent, PORT, present } from './tunnel';

/** linux/if_ether.h */
const PROTOCOLS = {
  ipv4: 0x0800, // ETH_P_IP
  ipv6: 0x86dd, // ETH_P_IPV6
  mpls_uc: 0x8847, // ETH_P_MPLS_UC
  mpls_mc: 0x8848, // ETH_P_MPLS_MC
} as const;

const table = attributes({
  port: [1, be16], // IFLA_BAREUDP_PORT
  protocol: [2, choice(be16, PROTOCOLS)], // IFLA_BAREUDP_ETHERTYPE
  sourcePortFrom: [3, u16], // IFLA_BAREUDP_SRCPORT_MIN
  multipleProtocols: [4, flag], // IFLA_BAREUDP_MULTIPROTO_MODE
});

/** Packets of layer 3 in UDP packets without a header between: routes say where each goes. */
export interface BareudpOptions {
  /** The UDP port of the receiver; 6,635 is that of MPLS. */
  port: number;
  /** What travels inside. */
  protocol: keyof typeof PROTOCOLS | number;
  /** The least UDP port that packets are sent from; 0 by default. */
  sourcePortFrom?: number;
  /** With 'mpls_uc' multicast as well, with 'ipv4' IPv6 as well; off by default. */
  multipleProtocols?: boolean;
}

/** What the kernel reports of a bareudp device. */
export type BareudpInfo = Partial<BareudpOptions>;

export const bareudp: LinkKind<BareudpOptions, ValueOf<typeof table>, BareudpInfo> = {
  table,
  options: {
    port: PORT,
    protocol: oneOf(Object.keys(PROTOCOLS), { number: true }),
    sourcePortFrom: PORT,
    multipleProtocols: trueOrFalse,
  },
  required: ['port', 'protocol'],
  creationOnly: ['port', 'protocol', 'sourcePortFrom', 'multipleProtocols'],
  toData: ({ multipleProtocols, ...rest }) =>
    defined({ ...rest, multipleProtocols: present(multipleProtocols) }),
  toView: ({ multipleProtocols, ...rest }) => ({
    ...rest,
    multipleProtocols: isPresent(multipleProtocols),
  }),
};
