import { flagNames } from '../../../common/objects';
import { listOf, oneOf } from '../../../common/options';
import { attributes } from '../../attributes';
import { s32, u32, type ValueOf } from '../../codec';
import { struct } from '../../struct';
import type { ActionKind } from './action-kind';
import { controlNumber, isControl, times, toControl, type TrafficControl } from './control';

/** linux/tc_act/tc_csum.h, TCA_CSUM_UPDATE_FLAG_* */
const CHECKSUMS = {
  ip: 1, // TCA_CSUM_UPDATE_FLAG_IPV4HDR
  icmp: 2, // TCA_CSUM_UPDATE_FLAG_ICMP
  igmp: 4, // TCA_CSUM_UPDATE_FLAG_IGMP
  tcp: 8, // TCA_CSUM_UPDATE_FLAG_TCP
  udp: 16, // TCA_CSUM_UPDATE_FLAG_UDP
  udplite: 32, // TCA_CSUM_UPDATE_FLAG_UDPLITE
  sctp: 64, // TCA_CSUM_UPDATE_FLAG_SCTP
} as const;

/**
 * A checksum that is computed; 'ip' is that of the header of IPv4.
 *
 * @useDeclaredType
 */
export type Checksum = keyof typeof CHECKSUMS;

/** struct tc_csum */
const parms = struct([
  ['index', u32, 4],
  4,
  ['control', s32, 4],
  ['references', s32, 4],
  ['bindings', s32, 4],
  ['checksums', u32, 4],
]);

const codec = attributes({
  parms: [1, parms], // TCA_CSUM_PARMS
  times: [2, times], // TCA_CSUM_TM
});

type Data = ValueOf<typeof codec>;

/** Checksums of a packet are computed again, after pedit has changed it. */
export interface CsumOptions {
  /** Which ones. */
  checksums: readonly Checksum[];
  /** What becomes of it; 'pipe' by default, where `tc` has 'pass'. */
  control?: TrafficControl;
}

export const csum: ActionKind<CsumOptions, Data, CsumOptions> = {
  codec,
  options: { checksums: listOf(oneOf(Object.keys(CHECKSUMS))), control: isControl },
  required: ['checksums'],
  check({ checksums }, path) {
    if (checksums.length === 0) throw new RangeError(`${path}.checksums: expected at least one`);
  },
  toData: ({ checksums, control = 'pipe' }) => ({
    parms: {
      control: controlNumber(control),
      checksums: checksums.reduce((flags, name) => flags | CHECKSUMS[name], 0),
    } as ValueOf<typeof parms>,
  }),
  toView: ({ parms: found }) => ({
    checksums: flagNames(CHECKSUMS, found?.checksums ?? 0) as Checksum[],
    control: toControl(found?.control ?? 0),
  }),
};
