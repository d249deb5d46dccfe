import { attributes, list, NLA_F_NESTED } from '../../attributes';
import { bytes, text, u32 } from '../../codec';
import { statistics } from '../traffic-statistics';
import type { ActionKind } from './action-kind';
import type { ActionHead } from './control';
import { bpf } from './bpf';
import { connmark } from './connmark';
import { csum } from './csum';
import { ct } from './ct';
import { gact } from './gact';
import { mirred } from './mirred';
import { pedit } from './pedit';
import { police } from './police';
import { sample } from './sample';
import { simple } from './simple';
import { skbedit } from './skbedit';
import { tunnelKey } from './tunnel-key';
import { vlan } from './vlan';

/** A kind of action is a file and a line here. Of a kind that is not here the data are raw bytes. */
export const actionKinds = {
  gact,
  mirred,
  police,
  skbedit,
  vlan,
  pedit,
  csum,
  ct,
  tunnel_key: tunnelKey,
  connmark,
  sample,
  simple,
  bpf,
};

/**
 * The kinds of actions whose options this library knows.
 *
 * @useDeclaredType
 */
export type ActionKindName = keyof typeof actionKinds;

type Kinds = typeof actionKinds;
type OptionsOf<K> = K extends { toData(options: infer Options): unknown } ? Options : never;
type ViewOf<K> = K extends { toView(data: never): infer View } ? View : never;

/**
 * The options of each kind of action, by the kind's name.
 *
 * @useDeclaredType
 */
export type ActionKindOptions = { [K in ActionKindName]: OptionsOf<Kinds[K]> };

/**
 * What the kernel reports of each kind of action, by the kind's name.
 *
 * @useDeclaredType
 */
export type ActionKindViews = { [K in ActionKindName]: ViewOf<Kinds[K]> };

/** @internal A kind whose options and data are of no known type. */
export type AnyAction = ActionKind<object, ActionHead, object>;

type Codecs = { [K in ActionKindName]: Kinds[K]['codec'] };

/** TCA_ACT_OPTIONS by TCA_ACT_KIND. */
export const actionCodecs = Object.fromEntries(
  Object.entries(actionKinds).map(([name, { codec }]) => [name, codec]),
) as Codecs;

/** An action's kind has fewer bytes than a device's name. */
const IFNAMSIZ = 16;

/** The actions of a filter, whose attributes are numbered from 1 in their order. */
export const actions = list(
  (index) => index + 1,
  attributes({
    kind: [1, text(IFNAMSIZ - 1)], // TCA_ACT_KIND
    options: [2 | NLA_F_NESTED, { by: 'kind', codecs: actionCodecs }], // TCA_ACT_OPTIONS
    index: [3, u32], // TCA_ACT_INDEX
    statistics: [4, statistics], // TCA_ACT_STATS
    cookie: [6, bytes], // TCA_ACT_COOKIE
    flags: [7, bytes], // TCA_ACT_FLAGS
    hardwareStatistics: [8, bytes], // TCA_ACT_HW_STATS
    usedHardwareStatistics: [9, bytes], // TCA_ACT_USED_HW_STATS
    hardwareCount: [10, u32], // TCA_ACT_IN_HW_COUNT
  }),
);
