import { attributes, headed } from '../../attributes';
import type { ValueOf } from '../../codec';
import { type CommonLinkAttributes, commonLinkAttributes, ifinfomsg } from '../link-attributes';
import type { LinkKind } from './link-kind';

const table = attributes({
  /** The other end: a whole link message inside the attribute. */
  peer: [1, headed(ifinfomsg, commonLinkAttributes)], // VETH_INFO_PEER
});

/** What a veth pair can be created with. For ends in two namespaces, addresses and a bridge see `createVeth`. */
export interface VethOptions {
  /** The other end, in the same namespace; named by the kernel and with a random MAC address by default. */
  peer?: Pick<
    CommonLinkAttributes,
    'name' | 'mac' | 'mtu' | 'txQueueLength' | 'group' | 'txQueues' | 'rxQueues'
  >;
}

export const veth: LinkKind<VethOptions, ValueOf<typeof table>> = {
  table,
  options: { peer: 'creation' },
  toData: (options) => options,
};
