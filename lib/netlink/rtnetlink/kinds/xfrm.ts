import { defined } from '../../../common/objects';
import { integerFrom, trueOrFalse } from '../../../common/options';
import { attributes } from '../../attributes';
import { flag, u32, type ValueOf } from '../../codec';
import type { LinkKind } from './link-kind';
import { isPresent, present } from './tunnel';

const table = attributes({
  link: [1, u32], // IFLA_XFRM_LINK
  interfaceId: [2, u32], // IFLA_XFRM_IF_ID
  external: [3, flag], // IFLA_XFRM_COLLECT_METADATA
});

/** A device whose packets IPsec encrypts, by the policies and states of its number. */
export interface XfrmOptions {
  /** The device that packets leave by. */
  link?: string | number;
  /** The number (`if_id`) of policies and states, 1 to 4,294,967,295. */
  interfaceId?: number;
  /** In the place of a number: whether routes and programs of BPF say it of each packet (6.2); off by default. */
  external?: boolean;
}

/** What the kernel reports of an xfrm device. */
export interface XfrmInfo extends Partial<Omit<XfrmOptions, 'link'>> {
  /** Index of the device that packets leave by. */
  link?: number;
}

export const xfrm: LinkKind<XfrmOptions, ValueOf<typeof table>, XfrmInfo> = {
  table,
  devices: ['link'],
  options: { interfaceId: integerFrom(1, 0xffffffff), external: trueOrFalse },
  toData: ({ external, ...rest }) => defined({ ...rest, external: present(external) }),
  toView: ({ external, ...rest }) => ({ ...rest, external: isPresent(external) }),
};
