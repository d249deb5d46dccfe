import { parseIp } from '../../../common/check';
import { defined } from '../../../common/objects';
import { integerFrom, type OptionCheck, trueOrFalse, wordOrInteger } from '../../../common/options';
import { attributes } from '../../attributes';
import { be16, bytes, choice, ipv4, ipv6, s32, u32, u8, type ValueOf } from '../../codec';
import { be32 } from '../../network-order';
import { struct } from '../../struct';
import type { ActionKind } from './action-kind';
import { controlNumber, isControl, times, toControl, type TrafficControl } from './control';

/** linux/tc_act/tc_tunnel_key.h, TCA_TUNNEL_KEY_ACT_* */
const MODES = {
  set: 1, // TCA_TUNNEL_KEY_ACT_SET
  unset: 2, // TCA_TUNNEL_KEY_ACT_RELEASE
} as const;

/** struct tc_tunnel_key */
const parms = struct([
  ['index', u32, 4],
  4,
  ['control', s32, 4],
  ['references', s32, 4],
  ['bindings', s32, 4],
  ['mode', choice(s32, MODES), 4],
]);

const codec = attributes({
  times: [1, times], // TCA_TUNNEL_KEY_TM
  parms: [2, parms], // TCA_TUNNEL_KEY_PARMS
  source4: [3, ipv4], // TCA_TUNNEL_KEY_ENC_IPV4_SRC
  destination4: [4, ipv4], // TCA_TUNNEL_KEY_ENC_IPV4_DST
  source6: [5, ipv6], // TCA_TUNNEL_KEY_ENC_IPV6_SRC
  destination6: [6, ipv6], // TCA_TUNNEL_KEY_ENC_IPV6_DST
  id: [7, be32], // TCA_TUNNEL_KEY_ENC_KEY_ID
  destinationPort: [9, be16], // TCA_TUNNEL_KEY_ENC_DST_PORT
  noChecksum: [10, u8], // TCA_TUNNEL_KEY_NO_CSUM
  options: [11, bytes], // TCA_TUNNEL_KEY_ENC_OPTS
  tos: [12, u8], // TCA_TUNNEL_KEY_ENC_TOS
  ttl: [13, u8], // TCA_TUNNEL_KEY_ENC_TTL
});

type Data = ValueOf<typeof codec>;

/** A packet gets the tunnel by which it leaves, through a device that leaves that to filters (`external`), or loses the one by which it came. */
export interface TunnelKeyOptions {
  /** 'set' gives it a tunnel, 'unset' takes that away, and takes nothing else; or another of the kernel's numbers. */
  mode: keyof typeof MODES | number;
  /** The address that the tunnel comes from; 'set' needs it. */
  source?: string;
  /** The address that the tunnel goes to; 'set' needs it. */
  destination?: string;
  /** The number of the tunnel: the VNI of a vxlan, the key of a gre. */
  id?: number;
  /** The port of UDP that it goes to. */
  destinationPort?: number;
  /** Whether the header has a checksum; true by default. */
  checksum?: boolean;
  /** The byte of the type of service, or of the traffic class. */
  tos?: number;
  /** How many hops it may take. */
  ttl?: number;
  /** What GENEVE, VXLAN or ERSPAN say more: the bytes of TCA_TUNNEL_KEY_ENC_OPTS. */
  data?: Uint8Array;
  /** What becomes of it; 'pipe' by default. */
  control?: TrafficControl;
}

const isIp: OptionCheck = (value, path) => void parseIp(value, path);

function check(options: TunnelKeyOptions, path: string): void {
  const { mode, source, destination, id, destinationPort, checksum, tos, ttl, data } = options;
  const [name] = Object.keys(defined({ source, destination, id, destinationPort, checksum, tos, ttl, data }));
  if (mode === 'unset' && name !== undefined) throw new TypeError(`${path}.${name}: 'unset' takes none`);
  if (mode !== 'set') return;
  if (source === undefined || destination === undefined) {
    const missing = source === undefined ? 'source' : 'destination';
    throw new TypeError(`${path}.${missing}: it has to be given to set a tunnel`);
  }
  if (parseIp(source, path).family !== parseIp(destination, path).family) {
    throw new RangeError(`${path}.destination: addresses of IPv4 and IPv6 at once`);
  }
}

const familyOf = (address: string) => parseIp(address, 'address').family;

export const tunnelKey: ActionKind<TunnelKeyOptions, Data, TunnelKeyOptions> = {
  codec,
  options: {
    mode: wordOrInteger(Object.keys(MODES), 1, 0x7fffffff),
    ...{ source: isIp, destination: isIp, id: integerFrom(0, 0xffffffff) },
    ...{ destinationPort: integerFrom(1, 0xffff), checksum: trueOrFalse },
    ...{ tos: integerFrom(0, 0xff), ttl: integerFrom(0, 0xff), data: true, control: isControl },
  },
  required: ['mode'],
  check,
  toData: ({ mode, control = 'pipe', source, destination, checksum, data, ...rest }) => ({
    parms: { control: controlNumber(control), mode } as ValueOf<typeof parms>,
    ...(source !== undefined && { [`source${familyOf(source)}`]: source }),
    ...(destination !== undefined && { [`destination${familyOf(destination)}`]: destination }),
    ...defined({
      ...rest,
      options: data,
      noChecksum: checksum === undefined ? undefined : Number(!checksum),
    }),
  }),
  toView: ({ parms: found, id, destinationPort, noChecksum, options, tos, ttl, ...data }) => ({
    mode: found?.mode ?? 0,
    ...defined({
      source: data.source4 ?? data.source6,
      destination: data.destination4 ?? data.destination6,
      ...{ id, destinationPort, tos, ttl, data: options },
      checksum: noChecksum === undefined ? undefined : noChecksum === 0,
    }),
    control: toControl(found?.control ?? 0),
  }),
};
