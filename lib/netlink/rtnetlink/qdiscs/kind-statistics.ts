import { cakeStatistics } from './cake-statistics';
import { chokeStatistics } from './choke';
import { codelStatistics } from './codel';
import { fqCodelStatistics } from './fq-codel';
import { fqPieStatistics } from './fq-pie';
import { fqStatistics } from './fq-statistics';
import { hhfStatistics } from './hhf';
import { pieStatistics } from './pie';
import { redStatistics } from './red';
import { sfbStatistics } from './sfb';
import type { KindStatistics } from './statistics';

/** What kinds count beside what all count, by the kind's name. */
export const kindStatisticsOf = {
  cake: cakeStatistics,
  choke: chokeStatistics,
  codel: codelStatistics,
  fq: fqStatistics,
  fq_codel: fqCodelStatistics,
  fq_pie: fqPieStatistics,
  hhf: hhfStatistics,
  pie: pieStatistics,
  red: redStatistics,
  sfb: sfbStatistics,
};

type Kinds = typeof kindStatisticsOf;

/**
 * What kinds count beside what all count, by the kind's name. What an older kernel does not count is 0.
 *
 * @useDeclaredType
 */
export type QdiscKindStatistics = {
  [K in keyof Kinds]?: Kinds[K] extends KindStatistics<infer View> ? View : never;
};
