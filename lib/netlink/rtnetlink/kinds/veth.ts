import { checkNewDeviceName } from '../../../common/check';
import { integerFrom, isText, optionsOf, optionTable } from '../../../common/options';
import { attributes, headed } from '../../attributes';
import type { ValueOf } from '../../codec';
import { type CommonLinkAttributes, commonLinkAttributes, ifinfomsg } from '../link-attributes';
import type { LinkKind } from './link-kind';

/** The other end of a pair: a whole link message inside an attribute. */
export const peerLink = headed(ifinfomsg, commonLinkAttributes);

const table = attributes({
  peer: [1, peerLink], // VETH_INFO_PEER
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
  'name' | 'mac' | 'mtu' | 'txQueueLength' | 'group' | 'broadcast' | 'txQueues' | 'rxQueues'
> & {
  /** A number that no device of the namespace has. By default one that is free. */
  index?: number;
};

export const PEER = optionTable<Peer>({
  name: (name, path) => checkNewDeviceName(name, path, { pattern: true }),
  mac: isText,
  mtu: true,
  txQueueLength: true,
  group: true,
  broadcast: isText,
  index: integerFrom(1, 0x7fffffff),
  txQueues: true,
  rxQueues: true,
});

export const veth: LinkKind<VethOptions, ValueOf<typeof table>> = {
  table,
  options: { peer: optionsOf(PEER) },
  creationOnly: ['peer'],
  toData: (options) => options,
};
