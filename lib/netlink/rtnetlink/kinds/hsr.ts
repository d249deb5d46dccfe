import { checkDevice } from '../../../common/check';
import { integerFrom, oneOf } from '../../../common/options';
import { attributes } from '../../attributes';
import { choice, mac, u16, u32, u8, type ValueOf } from '../../codec';
import type { LinkKind } from './link-kind';

/** linux/if_link.h: which of the two protocols of IEC 62439-3. */
const PROTOCOLS = {
  hsr: 0, // HSR_PROTOCOL_HSR
  prp: 1, // HSR_PROTOCOL_PRP
} as const;

const table = attributes({
  slave1: [1, u32], // IFLA_HSR_SLAVE1
  slave2: [2, u32], // IFLA_HSR_SLAVE2
  multicastSpec: [3, u8], // IFLA_HSR_MULTICAST_SPEC
  supervisionAddress: [4, mac], // IFLA_HSR_SUPERVISION_ADDR
  sequence: [5, u16], // IFLA_HSR_SEQ_NR
  version: [6, u8], // IFLA_HSR_VERSION
  protocol: [7, choice(u8, PROTOCOLS)], // IFLA_HSR_PROTOCOL
});

/** Two devices that send each frame twice, so that a ring (HSR) or two networks (PRP) lose none (IEC 62439-3). */
export interface HsrOptions {
  /** One of the two devices. */
  slave1: string | number;
  /** The other one. */
  slave2: string | number;
  /** The last byte of the MAC address of supervision frames; 0 by default. */
  multicastSpec?: number;
  /** The version of HSR, 0 (the default) or 1. */
  version?: number;
  /** 'hsr' by default. */
  protocol?: keyof typeof PROTOCOLS | number;
}

/** What the kernel reports of an HSR device. */
export interface HsrInfo extends Pick<HsrOptions, 'version' | 'protocol'> {
  /** Index of one of the two devices. */
  slave1?: number;
  /** Index of the other one. */
  slave2?: number;
  /** The MAC address of supervision frames. */
  supervisionAddress?: string;
  /** The number of the last frame. */
  sequence?: number;
}

export const hsr: LinkKind<HsrOptions, ValueOf<typeof table>, HsrInfo> = {
  table,
  devices: ['slave1', 'slave2'],
  reported: ['supervisionAddress', 'sequence'],
  options: {
    slave1: checkDevice,
    slave2: checkDevice,
    multicastSpec: integerFrom(0, 255),
    version: integerFrom(0, 1),
    protocol: oneOf(Object.keys(PROTOCOLS), { number: true }),
  },
  required: ['slave1', 'slave2'],
  creationOnly: ['slave1', 'slave2', 'multicastSpec', 'version', 'protocol'],
  toData: (options) => options,
  toView: (data) => data,
};
