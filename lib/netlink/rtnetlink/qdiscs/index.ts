import { cake } from './cake';
import { cbs } from './cbs';
import { choke } from './choke';
import { codel } from './codel';
import { drr, drrClass, qfq, qfqClass } from './drr';
import { etf } from './etf';
import { ets } from './ets';
import { bfifo, clsact, ingress, pfifo } from './fifo';
import { fq } from './fq';
import { fqCodel } from './fq-codel';
import { fqPie } from './fq-pie';
import { hfsc, hfscClass } from './hfsc';
import { hhf } from './hhf';
import { htb, htbClass } from './htb';
import { mqprio } from './mqprio';
import { multiq } from './multiq';
import { netem } from './netem';
import { pie } from './pie';
import { plug } from './plug';
import { prio } from './prio';
import type { TrafficKind } from './qdisc-kind';
import { red } from './red';
import { sfb } from './sfb';
import { sfq } from './sfq';
import { skbprio } from './skbprio';
import { tbf } from './tbf';

/** A kind of queueing discipline is a file, which similar kinds share, and a line here. Of a kind that is not here the data are raw bytes. */
export const qdiscKinds = {
  netem,
  tbf,
  pfifo,
  bfifo,
  prio,
  red,
  sfq,
  fq_codel: fqCodel,
  fq,
  cake,
  codel,
  pie,
  hhf,
  sfb,
  skbprio,
  choke,
  fq_pie: fqPie,
  ets,
  multiq,
  mqprio,
  plug,
  cbs,
  etf,
  htb,
  hfsc,
  drr,
  qfq,
  ingress,
  clsact,
};

/** Those whose classes people make, with the options of a class. */
export const classKinds = {
  htb: htbClass,
  hfsc: hfscClass,
  drr: drrClass,
  qfq: qfqClass,
};

/**
 * The kinds of queueing disciplines whose options this library knows.
 *
 * @useDeclaredType
 */
export type QdiscKindName = keyof typeof qdiscKinds;

type Kinds = typeof qdiscKinds;
type OptionsOf<K> = K extends TrafficKind<infer Options, unknown, object> ? Options : never;
type ViewOf<K> = K extends TrafficKind<never, unknown, infer View> ? View : never;

/**
 * The options of each kind's own, by the kind's name.
 *
 * @useDeclaredType
 */
export type QdiscKindOptions = { [K in QdiscKindName]: OptionsOf<Kinds[K]> };

/**
 * What the kernel reports of each kind's own, by the kind's name.
 *
 * @useDeclaredType
 */
export type QdiscKindViews = { [K in QdiscKindName]?: ViewOf<Kinds[K]> };

type Codecs = { [K in QdiscKindName]: Kinds[K]['codec'] };

/** @internal TCA_OPTIONS of a queueing discipline by TCA_KIND. */
export const qdiscCodecs = Object.fromEntries(
  Object.entries(qdiscKinds).map(([name, { codec }]) => [name, codec]),
) as Codecs;

/**
 * The kinds of queueing disciplines whose classes have options that this library knows.
 *
 * @useDeclaredType
 */
export type ClassKindName = keyof typeof classKinds;

type Classes = typeof classKinds;

/**
 * The options of classes, by the kind's name.
 *
 * @useDeclaredType
 */
export type ClassKindOptions = { [K in ClassKindName]: OptionsOf<Classes[K]> };

/**
 * What the kernel reports of classes, by the kind's name.
 *
 * @useDeclaredType
 */
export type ClassKindViews = { [K in ClassKindName]?: ViewOf<Classes[K]> };

type ClassCodecs = { [K in ClassKindName]: Classes[K]['codec'] };

/** @internal TCA_OPTIONS of a class by TCA_KIND. */
export const classCodecs = Object.fromEntries(
  Object.entries(classKinds).map(([name, { codec }]) => [name, codec]),
) as ClassCodecs;

/** The kinds whose TCA_OPTIONS the kernel takes with NLA_F_NESTED only. */
export const NESTED: readonly string[] = ['ets', 'fq_pie'];
