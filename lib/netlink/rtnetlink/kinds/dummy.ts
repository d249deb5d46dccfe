import { attributes } from '../../attributes';
import type { LinkKind } from './link-kind';

/** A device that drops all packets, for addresses that belong to no other device. It has no options of its own. */
export const dummy: LinkKind<object, object> = {
  table: attributes({}),
  options: {},
  toData: (options) => options,
};

/** A device to which packets of others are redirected, so that its queues shape them (intermediate functional block). */
export const ifb = dummy;

/** A device on which the netlink messages of all processes of the namespace are captured. */
export const nlmon = dummy;

/** Several devices as one, which a program (teamd) drives over generic netlink. */
export const team = dummy;

/** A tunnel of WireGuard, whose keys and peers are set over generic netlink. */
export const wireguard = dummy;
