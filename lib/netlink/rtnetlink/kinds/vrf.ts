import { attributes } from '../../attributes';
import { u32, type ValueOf } from '../../codec';
import { integerFrom } from '../../../common/options';
import type { LinkKind } from './link-kind';

const table = attributes({
  table: [1, u32], // IFLA_VRF_TABLE
});

/** A master whose ports are routed by a table of their own (Virtual Routing and Forwarding). */
export interface VrfOptions {
  /** The routing table, 1 to 4,294,967,295. The kernel does not change it later. */
  table: number;
}

/** What the kernel reports of a VRF. */
export type VrfInfo = Partial<VrfOptions>;

export const vrf: LinkKind<VrfOptions, ValueOf<typeof table>, VrfInfo> = {
  table,
  // the kernel refuses a VRF without a table, 0
  options: { table: integerFrom(1, 0xffffffff) },
  required: ['table'],
  creationOnly: ['table'],
  toData: (options) => options,
  toView: (data) => data,
};

/** What a VRF knows of each of its ports. */
export const vrfPort = attributes({
  table: [1, u32], // IFLA_VRF_PORT_TABLE
});

/**
 * A VRF's port, as the kernel reports it: the routing table by which it is routed.
 *
 * @useDeclaredType
 */
export type VrfPortInfo = ValueOf<typeof vrfPort>;
