import type { QdiscKindName, QdiscKindViews } from '../../../lib';

/** What is listed, with all that there can be. */
type Whole<T> = T extends object ? { [N in keyof T]-?: Whole<NonNullable<T[N]>> } : T;
type Shown<V> = Readonly<Record<string, (view: Whole<NonNullable<V>>) => unknown>>;

const part = (percent: number) => percent / 100;
const seconds = (milliseconds: number) => milliseconds / 1000;
interface Size {
  overhead: number;
  linkLayer: 'ethernet' | 'atm';
}
/** What a burst counts for its rate: with the overhead, and in cells, as one packet. */
const counted = (burst: number, { overhead, linkLayer }: Size) =>
  linkLayer === 'atm' ? Math.ceil((burst + overhead) / 48) * 53 : burst + overhead;
/** tc counts a burst in microseconds. */
const burstOf = (rate: number, burst: number, size: Size) =>
  Math.floor((Math.floor((counted(burst, size) / (rate / 8)) * 1e6) * rate) / 8e6);
/** The kernel counts in units of 1.024 us. */
const codelTime = (milliseconds: number) => Math.floor(Math.floor((milliseconds * 1000) / 1.024) * 1.024);
const orZero = (value: number | undefined) => value ?? 0;
const near = (value: number) => expect.closeTo(value, 6) as unknown;

const FIFO: Shown<{ limit?: number }> = { limit: ({ limit }) => limit };

/** What `tc -j qdisc` calls what `listQdiscs` returns. */
export const SHOWN: { readonly [K in QdiscKindName]: Shown<QdiscKindViews[K]> } = {
  netem: {
    limit: ({ limit }) => limit,
    delay: ({ delay, jitter, delayCorrelation }) => ({
      delay: near(seconds(delay)),
      jitter: near(seconds(jitter)),
      correlation: near(part(delayCorrelation)),
    }),
    'loss-random': ({ loss, lossCorrelation }) => ({
      loss: near(part(loss)),
      correlation: near(part(lossCorrelation)),
    }),
    'loss-gemodel': ({ gilbert: { toBad, toGood, lossInBad, lossInGood } }) => ({
      p: near(part(toBad)),
      r: near(part(toGood)),
      '1-h': near(part(lossInBad)),
      '1-k': near(part(lossInGood)),
    }),
    'loss-state': ({ fourStates: { p13, p31, p32, p23, p14 } }) => ({
      p13: near(part(p13)),
      p31: near(part(p31)),
      p32: near(part(p32)),
      p23: near(part(p23)),
      p14: near(part(p14)),
    }),
    duplicate: ({ duplicate, duplicateCorrelation }) => ({
      duplicate: near(part(duplicate)),
      correlation: near(part(duplicateCorrelation)),
    }),
    reorder: ({ reorder, reorderCorrelation }) => ({
      reorder: near(part(reorder)),
      correlation: near(part(reorderCorrelation)),
    }),
    corrupt: ({ corrupt, corruptCorrelation }) => ({
      corrupt: near(part(corrupt)),
      correlation: near(part(corruptCorrelation)),
    }),
    rate: ({ rate, packetOverhead, cellSize, cellOverhead }) => ({
      rate: rate / 8,
      packetoverhead: packetOverhead,
      cellsize: cellSize,
      celloverhead: cellOverhead,
    }),
    slot: ({ slot: { minDelay, maxDelay, packets, bytes } }) => ({
      'min-delay': near(seconds(minDelay)),
      'max-delay': near(seconds(maxDelay)),
      packets,
      bytes,
    }),
    ecn: ({ ecn }) => ecn,
    gap: ({ gap }) => gap,
  },
  tbf: {
    rate: ({ rate }) => rate / 8,
    burst: ({ rate, burst, ...size }) => burstOf(rate, burst, size),
    peakrate: ({ peakRate }) => peakRate / 8,
    minburst: ({ peakRate, peakBurst, ...size }) => burstOf(peakRate, peakBurst, size),
    // the limit, as the time in which it is sent: tc cuts off where the library rounds
    lat: ({ rate, burst, limit, ...size }) => {
      const expected = ((limit - counted(burst, size)) / (rate / 8)) * 1e6;
      return expect.closeTo(expected, -2) as unknown;
    },
    limit: ({ limit }) => limit,
    overhead: ({ overhead }) => overhead,
    mpu: ({ mpu }) => mpu,
    linklayer: ({ linkLayer }) => linkLayer,
  },
  pfifo: FIFO,
  bfifo: FIFO,
  prio: {
    bands: ({ bands }) => bands,
    priomap: ({ priorityMap }) => priorityMap,
    multiqueue: () => false,
  },
  red: {
    limit: ({ limit }) => limit,
    min: ({ min }) => min,
    max: ({ max }) => max,
    ecn: ({ ecn }) => ecn,
    harddrop: ({ hardDrop }) => hardDrop,
    adaptive: ({ adaptive }) => adaptive,
    nodrop: ({ noDrop }) => noDrop,
  },
  sfq: {
    limit: ({ limit }) => limit,
    quantum: ({ quantum }) => quantum,
    depth: ({ depth }) => depth,
    headdrop: ({ headDrop }) => headDrop,
    divisor: ({ divisor }) => divisor,
    flows: ({ flows }) => flows,
    perturb: ({ perturb }) => perturb,
  },
  fq_codel: {
    limit: ({ limit }) => limit,
    flows: ({ flows }) => flows,
    quantum: ({ quantum }) => quantum,
    target: ({ target }) => codelTime(target),
    ce_threshold: ({ ceThreshold }) => codelTime(ceThreshold),
    interval: ({ interval }) => codelTime(interval),
    memory_limit: ({ memoryLimit }) => memoryLimit,
    ecn: ({ ecn }) => ecn,
    drop_batch: ({ dropBatch }) => dropBatch,
  },
  codel: {
    limit: ({ limit }) => limit,
    target: ({ target }) => codelTime(target),
    ce_threshold: ({ ceThreshold }) => codelTime(ceThreshold),
    interval: ({ interval }) => codelTime(interval),
    ecn: ({ ecn }) => ecn,
  },
  pie: {
    limit: ({ limit }) => limit,
    target: ({ target }) => target * 1000,
    tupdate: ({ update }) => update * 1000,
    alpha: ({ alpha }) => alpha,
    beta: ({ beta }) => beta,
    ecn: ({ ecn }) => ecn,
    bytemode: ({ byteMode }) => byteMode,
    dq_rate_estimator: ({ estimator }) => estimator,
  },
  hhf: {
    limit: ({ limit }) => limit,
    quantum: ({ quantum }) => quantum,
    hh_limit: ({ largeFlows }) => largeFlows,
    reset_timeout: ({ reset }) => reset * 1000,
    admit_bytes: ({ admit }) => admit,
    evict_timeout: ({ evict }) => evict * 1000,
    non_hh_weight: ({ smallWeight }) => smallWeight,
  },
  sfb: {
    rehash: ({ rehash }) => rehash * 1000,
    db: ({ warmUp }) => warmUp * 1000,
    limit: ({ limit }) => limit,
    max: ({ max }) => max,
    target: ({ target }) => target,
    increment: ({ increment }) => near(part(increment)),
    decrement: ({ decrement }) => near(part(decrement)),
    penalty_rate: ({ penaltyRate }) => penaltyRate,
    penalty_burst: ({ penaltyBurst }) => penaltyBurst,
  },
  skbprio: { limit: ({ limit }) => limit },
  choke: {
    limit: ({ limit }) => limit,
    min: ({ min }) => min,
    max: ({ max }) => max,
    ecn: ({ ecn }) => ecn,
    // a choke has none of these
    ...{ harddrop: () => false, adaptive: () => false, nodrop: () => false },
    ewma: ({ weightLog }) => weightLog,
    probability: ({ probability }) => near(part(probability)),
  },
  fq_pie: {
    limit: ({ limit }) => limit,
    flows: ({ flows }) => flows,
    target: ({ target }) => target * 1000,
    tupdate: ({ update }) => update * 1000,
    alpha: ({ alpha }) => alpha,
    beta: ({ beta }) => beta,
    quantum: ({ quantum }) => quantum,
    memory_limit: ({ memoryLimit }) => memoryLimit,
    ecn_prob: ({ ecnProbability }) => ecnProbability,
    ecn: ({ ecn }) => ecn,
    bytemode: ({ byteMode }) => byteMode,
    dq_rate_estimator: ({ estimator }) => estimator,
  },
  ets: {
    bands: ({ bands }) => bands,
    strict: ({ strict }) => strict,
    quanta: ({ quanta }) => quanta,
    priomap: ({ priorityMap }) => priorityMap,
  },
  multiq: { bands: ({ bands }) => bands, max_bands: ({ maxBands }) => maxBands },
  mqprio: {
    tc: ({ queues }) => queues.length,
    map: ({ priorityMap }) => priorityMap,
    queues: ({ queues }) => queues.map(({ first, count }) => [first, first + count - 1]),
  },
  plug: {},
  cbs: {
    hicredit: ({ highCredit }) => highCredit,
    locredit: ({ lowCredit }) => lowCredit,
    sendslope: ({ sendSlope }) => sendSlope / 1000,
    idleslope: ({ idleSlope }) => idleSlope / 1000,
    offload: ({ offload }) => Number(offload),
  },
  etf: {
    // the kernel takes no other
    clockid: () => 'TAI',
    delta: ({ delta }) => near(delta * 1e6),
    offload: ({ offload }) => (offload ? 'on' : 'off'),
    deadline_mode: ({ deadlineMode }) => (deadlineMode ? 'on' : 'off'),
    skip_sock_check: ({ skipSocketCheck }) => (skipSocketCheck ? 'on' : 'off'),
  },
  drr: {},
  qfq: {},
  fq: {
    limit: ({ limit }) => limit,
    flow_limit: ({ flowLimit }) => flowLimit,
    buckets: ({ buckets }) => buckets,
    orphan_mask: ({ orphanMask }) => orphanMask,
    quantum: ({ quantum }) => quantum,
    initial_quantum: ({ initialQuantum }) => initialQuantum,
    maxrate: ({ maxRate }) => maxRate / 8,
    low_rate_threshold: ({ lowRateThreshold }) => lowRateThreshold / 8,
    refill_delay: ({ refillDelay }) => refillDelay * 1000,
    ce_threshold: ({ ceThreshold }) => ceThreshold * 1000,
    timer_slack: ({ timerSlack }) => timerSlack,
    horizon: ({ horizon }) => horizon * 1000,
    horizon_drop: ({ horizonDrop }) => (horizonDrop ? null : undefined),
    horizon_cap: ({ horizonDrop }) => (horizonDrop ? undefined : null),
    pacing: ({ pacing }) => pacing,
  },
  cake: {
    bandwidth: ({ bandwidth }) => (bandwidth === 0 ? 'unlimited' : bandwidth / 8),
    autorate: ({ autorate }) => (autorate ? 'autorate-ingress' : false),
    diffserv: ({ diffserv }) => diffserv,
    flowmode: ({ flowMode }) => flowMode,
    nat: ({ nat }) => nat,
    wash: ({ wash }) => wash,
    ingress: ({ ingress }) => ingress,
    'ack-filter': ({ ackFilter }) => ({ off: 'disabled', on: 'enabled' })[String(ackFilter)] ?? ackFilter,
    split_gso: ({ splitGso }) => splitGso,
    rtt: ({ rtt }) => rtt * 1000,
    raw: (view) => !('overhead' in view),
    atm: ({ framing }) => (framing === 'none' ? 'noatm' : framing),
    overhead: ({ overhead }) => orZero(overhead),
    mpu: ({ mpu }) => mpu,
    memlimit: ({ memory }) => memory,
    fwmark: ({ firewallMark }) =>
      (firewallMark as number | undefined) === undefined ? '0' : `0x${firewallMark.toString(16)}`,
  },
  htb: {
    r2q: ({ rateToQuantum }) => rateToQuantum,
    default: ({ defaultClass }) =>
      (defaultClass as string | undefined) === undefined ? '0' : `0x${defaultClass}`,
    direct_packets_stat: () => 0,
    direct_qlen: ({ directQueueLength }) => directQueueLength,
  },
  /** What tc 6.1 prints of it is no JSON: classes.test.ts. */
  hfsc: {},
  ingress: {},
  clsact: {},
};
