import { checkNewDeviceName } from '../../../common/check';
import { isText, optionsOf, optionTable } from '../../../common/options';
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
  peer?: Peer;
}

/**
 * The other end of a pair in one namespace.
 *
 * @useDeclaredType
 */
export type Peer = Pick<
  CommonLinkAttributes,
  'name' | 'mac' | 'mtu' | 'txQueueLength' | 'group' | 'txQueues' | 'rxQueues'
>;

const PEER = optionTable<Peer>({
  name: (name, path) => checkNewDeviceName(name, path, { pattern: true }),
  mac: isText,
  mtu: true,
  txQueueLength: true,
  group: true,
  txQueues: true,
  rxQueues: true,
});

export const veth: LinkKind<VethOptions, ValueOf<typeof table>> = {
  table,
  options: { peer: optionsOf(PEER) },
  creationOnly: ['peer'],
  toData: (options) => options,
};
