import { bridge, bridgePort } from './bridge';
import { dummy, ifb, nlmon } from './dummy';
import { ipvlan, ipvtap } from './ipvlan';
import type { LinkKind } from './link-kind';
import { macvlan, macvtap } from './macvlan';
import { veth } from './veth';
import { vlan } from './vlan';
import { vrf } from './vrf';

/** A kind of link is a file, which similar kinds share, and a line here. Of a kind that is not here the data are raw bytes. */
export const kinds = {
  veth,
  bridge,
  dummy,
  ifb,
  ipvlan,
  ipvtap,
  macvlan,
  macvtap,
  nlmon,
  vlan,
  vrf,
};

/**
 * The kinds of links whose options this library knows.
 *
 * @useDeclaredType
 */
export type LinkKindName = keyof typeof kinds;

type OptionsOf<K> = K extends LinkKind<infer Options, object, unknown> ? Options : never;
type ViewOf<K> = K extends LinkKind<object, object, infer View> ? View : never;

/**
 * The options of each kind's own, by the kind's name.
 *
 * @useDeclaredType
 */
export type LinkKindOptions = { [K in LinkKindName]: OptionsOf<(typeof kinds)[K]> };

type Viewed = { [K in LinkKindName]: [ViewOf<(typeof kinds)[K]>] extends [never] ? never : K }[LinkKindName];

/**
 * What the kernel reports of each kind's own, by the kind's name.
 *
 * @useDeclaredType
 */
export type LinkKindViews = { [K in Viewed]?: ViewOf<(typeof kinds)[K]> };

/** @internal A kind whose options and data are of no known type. */
export type AnyLinkKind = LinkKind<object, object, object>;

/** @internal */
export function findKind(name: string): AnyLinkKind | undefined {
  return Object.hasOwn(kinds, name) ? kinds[name as LinkKindName] : undefined;
}

/** @internal The kind's view of a link's IFLA_INFO_DATA, under the kind's name. */
export function kindView({ kind = '', data }: { kind?: string; data?: object }): LinkKindViews {
  const view = data === undefined ? undefined : findKind(kind)?.toView?.(data);
  return view === undefined ? {} : { [kind]: view };
}

type Tables = { [K in LinkKindName]: (typeof kinds)[K]['table'] };

/** @internal IFLA_INFO_DATA by IFLA_INFO_KIND. */
export const kindTables = Object.fromEntries(
  Object.entries(kinds).map(([name, { table }]) => [name, table]),
) as Tables;

/** @internal IFLA_INFO_SLAVE_DATA by IFLA_INFO_SLAVE_KIND: what the master knows of the device. */
export const portKinds = { bridge: bridgePort };
