import { attributes } from '../../attributes';
import type { LinkKind } from './link-kind';

/** A device that drops all packets, for addresses that belong to no other device. It has no options of its own. */
export const dummy: LinkKind<object, object> = {
  table: attributes({}),
  options: {},
  toData: (options) => options,
};
