import { attributes } from '../../attributes';
import type { LinkKind } from './link-kind';

/** A device that drops what is sent by it, for addresses that belong to no other. It has no options of its own. */
export const dummy: LinkKind<object, object> = {
  table: attributes({}),
  options: {},
  toData: (options) => options,
};
