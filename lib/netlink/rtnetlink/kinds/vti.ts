import { attributes } from '../../attributes';
import { ipv4, ipv6, u32, type ValueOf } from '../../codec';
import { be32 } from '../../network-order';
import type { LinkKind } from './link-kind';
import { isIp, U32 } from './tunnel';

const shared = {
  link: [1, u32], // IFLA_VTI_LINK
  inputKey: [2, be32], // IFLA_VTI_IKEY
  outputKey: [3, be32], // IFLA_VTI_OKEY
  mark: [6, u32], // IFLA_VTI_FWMARK
} as const;

const table4 = attributes({
  ...shared,
  local: [4, ipv4], // IFLA_VTI_LOCAL
  remote: [5, ipv4], // IFLA_VTI_REMOTE
});

const table6 = attributes({
  ...shared,
  local: [4, ipv6], // IFLA_VTI_LOCAL
  remote: [5, ipv6], // IFLA_VTI_REMOTE
});

/** A device whose packets IPsec encrypts, by policies that have its keys as marks. `xfrm` is the newer way. */
export interface VtiOptions {
  /** The device that packets leave by. */
  link?: string | number;
  /** The address of this end: of IPv4 with `vti`, of IPv6 with `vti6`. */
  local?: string;
  /** The address of the other end. */
  remote?: string;
  /** The mark of policies for what is received. */
  inputKey?: number;
  /** The mark of policies for what is sent. */
  outputKey?: number;
  /** The mark by which packets of the tunnel are routed. */
  mark?: number;
}

/** What the kernel reports of a vti. */
export interface VtiInfo extends Partial<Omit<VtiOptions, 'link'>> {
  /** Index of the device that packets leave by. */
  link?: number;
}

const options = { local: isIp, remote: isIp, inputKey: U32, outputKey: U32, mark: U32 } as const;

export const vti: LinkKind<VtiOptions, ValueOf<typeof table4>, VtiInfo> = {
  table: table4,
  devices: ['link'],
  changesWhole: true,
  options,
  toData: (options) => options,
  toView: (data) => data,
};

export const vti6: LinkKind<VtiOptions, ValueOf<typeof table6>, VtiInfo> = { ...vti, table: table6 };
