import { lazyValues, mapLazily } from '../../../common/objects';
import { bareudp } from './bareudp';
import { bond, bondPort } from './bond';
import { bridge } from './bridge';
import { bridgePort } from './bridge-port';
import { dummy, ifb, nlmon, team, wireguard } from './dummy';
import { geneve } from './geneve';
import { erspan, gre, gretap, ip6erspan, ip6gre, ip6gretap } from './gre';
import { hsr } from './hsr';
import { ip6tnl, ipip, sit } from './ipip';
import { ipvlan, ipvtap } from './ipvlan';
import type { LinkKind } from './link-kind';
import { macsec } from './macsec';
import { macvlan, macvtap } from './macvlan';
import { netkit } from './netkit';
import { tun } from './tun';
import { veth } from './veth';
import { vlan } from './vlan';
import { vrf, vrfPort } from './vrf';
import { vti, vti6 } from './vti';
import { vxlan } from './vxlan';
import { xfrm } from './xfrm';

/**
 * A kind of link is a file, which similar kinds share, and a line here. Of a kind that is not here the data are raw bytes. A file
 * is loaded when its kind is first asked for, because most programs have two or three kinds, and all take 10 ms.
 */
export const kinds = lazyValues({
  bareudp: () => bareudp,
  bond: () => bond,
  bridge: () => bridge,
  dummy: () => dummy,
  erspan: () => erspan,
  geneve: () => geneve,
  gre: () => gre,
  gretap: () => gretap,
  hsr: () => hsr,
  ifb: () => ifb,
  ip6erspan: () => ip6erspan,
  ip6gre: () => ip6gre,
  ip6gretap: () => ip6gretap,
  ip6tnl: () => ip6tnl,
  ipip: () => ipip,
  ipvlan: () => ipvlan,
  ipvtap: () => ipvtap,
  macsec: () => macsec,
  macvlan: () => macvlan,
  macvtap: () => macvtap,
  netkit: () => netkit,
  nlmon: () => nlmon,
  sit: () => sit,
  team: () => team,
  tun: () => tun,
  veth: () => veth,
  vlan: () => vlan,
  vrf: () => vrf,
  vti: () => vti,
  vti6: () => vti6,
  vxlan: () => vxlan,
  wireguard: () => wireguard,
  xfrm: () => xfrm,
});

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
  if (view === undefined) return {};
  // the kernel reports 0 where there is none
  const { link, ...rest } = view as { link?: number };
  return { [kind]: link === 0 ? rest : view };
}

type Tables = { [K in LinkKindName]: (typeof kinds)[K]['table'] };

/** @internal IFLA_INFO_DATA by IFLA_INFO_KIND. */
export const kindTables = mapLazily<AnyLinkKind, unknown>(kinds, ({ table }) => table) as Tables;

/** @internal IFLA_INFO_SLAVE_DATA by IFLA_INFO_SLAVE_KIND: what the master knows of the device. */
export const portKinds = lazyValues({
  bond: () => bondPort,
  bridge: () => bridgePort,
  vrf: () => vrfPort,
});
