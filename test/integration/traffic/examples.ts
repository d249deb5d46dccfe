import type { QdiscKindName } from '../../../lib';
import type { Capability } from '../../support/capabilities';

export interface Example {
  kind: QdiscKindName;
  needs?: Capability;
  /** The options of its own. */
  own: Readonly<Record<string, unknown>>;
  /** What tc has in place of them. */
  words: string;
  /** What is listed, where that is not what was given. */
  seen?: Readonly<Record<string, unknown>>;
  /** Why it comes out otherwise where what is listed is set or added again. */
  otherwise?: string;
}

/** The kinds that stand at the other side of the device. */
export const AT_INGRESS: ReadonlySet<string> = new Set(['ingress', 'clsact']);

/** The kinds that the kernel does not change. */
export const WITHOUT_CHANGE: ReadonlySet<string> = new Set([
  ...['htb', 'sfq', 'drr', 'qfq', 'mqprio', 'etf', 'ingress', 'clsact'],
]);

const NETEM = 'queueing disciplines of the kind netem';
const OTHERS = 'queueing disciplines of the kinds fq_codel, cake, red and others';
const MORE = 'queueing disciplines of the kinds choke, multiq, mqprio, cbs and etf';
const NEWER = 'queueing disciplines of the kinds ets and fq_pie';

/** The kinds that all kernels of these tests have. */
const EVERYWHERE: ReadonlySet<string> = new Set(['tbf', 'pfifo', 'bfifo', 'htb', 'ingress', 'clsact']);

const NEEDS: Readonly<Partial<Record<QdiscKindName, Capability>>> = {
  netem: NETEM,
  ...{ choke: MORE, multiq: MORE, mqprio: MORE, cbs: MORE, etf: MORE },
  ...{ ets: NEWER, fq_pie: NEWER },
};

const own = (
  kind: QdiscKindName,
  options: Example['own'],
  words: string,
  seen?: Example['seen'],
): Example => ({
  ...{ kind, own: options, words },
  ...(!EVERYWHERE.has(kind) && { needs: NEEDS[kind] ?? OTHERS }),
  ...(seen && { seen }),
});
const netem = own.bind(undefined, 'netem');
const tbf = own.bind(undefined, 'tbf');

export const EXAMPLES: readonly Example[] = [
  netem({}, '', { limit: 1000, delay: 0, loss: 0 }),
  netem({ delay: 50 }, 'delay 50ms'),
  netem({ delay: 0.256, jitter: 0.064, delayCorrelation: 25 }, 'delay 256us 64us 25%'),
  netem({ loss: 0.1, lossCorrelation: 10 }, 'loss 0.1% 10%'),
  netem({ loss: 100 }, 'loss 100%'),
  // tc 6.1 sends this correlation only together with another one
  netem(
    { delay: 10, jitter: 1, delayCorrelation: 25, duplicate: 2, duplicateCorrelation: 5 },
    'delay 10ms 1ms 25% duplicate 2% 5%',
  ),
  netem({ corrupt: 1.5, corruptCorrelation: 5 }, 'corrupt 1.5% 5%'),
  netem({ delay: 10, reorder: 25, reorderCorrelation: 50 }, 'delay 10ms reorder 25% 50%'),
  netem({ delay: 10, reorder: 25, gap: 5 }, 'delay 10ms reorder 25% gap 5'),
  netem({ rate: 1_000_000, limit: 50 }, 'rate 1mbit limit 50'),
  netem({ rate: 1_000_000, packetOverhead: -20, cellSize: 53, cellOverhead: 5 }, 'rate 1mbit -20 53 5'),
  netem({ rate: 80_000_000_000 }, 'rate 80gbit'),
  netem({ loss: 1, ecn: true }, 'loss 1% ecn'),
  netem({ gilbert: { toBad: 1 } }, 'loss gemodel 1%', {
    gilbert: { toBad: 1, toGood: 99, lossInBad: 100, lossInGood: 0 },
  }),
  netem(
    { gilbert: { toBad: 1, toGood: 20, lossInBad: 70, lossInGood: 0.1 } },
    'loss gemodel 1% 20% 70% 0.1%',
  ),
  netem({ fourStates: { p13: 1 } }, 'loss state 1%', {
    fourStates: { p13: 1, p31: 99, p32: 0, p23: 100, p14: 0 },
  }),
  netem({ fourStates: { p13: 1, p31: 80, p32: 5, p23: 60, p14: 2 } }, 'loss state 1% 80% 5% 60% 2%'),
  netem({ slot: { minDelay: 1, maxDelay: 2, packets: 5, bytes: 9000 } }, 'slot 1ms 2ms packets 5 bytes 9000'),
  netem({ slot: { minDelay: 1 } }, 'slot 1ms', { slot: { minDelay: 1, maxDelay: 1, packets: 0, bytes: 0 } }),
  tbf({ rate: 1_000_000, burst: 3000, limit: 20_000 }, 'rate 1mbit burst 3000 limit 20000'),
  tbf({ rate: 10_000_000, burst: 10_240, latency: 50 }, 'rate 10mbit burst 10k latency 50ms', {
    ...{ rate: 10_000_000, burst: 10_240, limit: 72_740 },
  }),
  tbf(
    { rate: 10_000_000, burst: 10_000, limit: 50_000, peakRate: 20_000_000, peakBurst: 1540 },
    'rate 10mbit burst 10000 limit 50000 peakrate 20mbit mtu 1540',
  ),
  tbf(
    { rate: 1_000_000, burst: 3000, limit: 20_000, overhead: 24, mpu: 64 },
    'rate 1mbit burst 3000 limit 20000 overhead 24 mpu 64',
    // 5.10 ignores mpu
    { rate: 1_000_000, burst: 3000, limit: 20_000, overhead: 24 },
  ),
  tbf(
    { rate: 1_000_000, burst: 4800, limit: 20_000, linkLayer: 'atm', overhead: 10 },
    'rate 1mbit burst 4800 limit 20000 linklayer atm overhead 10',
    // whole cells
    { rate: 1_000_000, burst: 4838, limit: 20_000, linkLayer: 'atm', overhead: 10 },
  ),
  tbf(
    { rate: 40_000_000_000, burst: 1_000_000, limit: 2_000_000 },
    'rate 40gbit burst 1000000 limit 2000000',
    {
      ...{ rate: 40_000_000_000, limit: 2_000_000 },
    },
  ),
  own('pfifo', { limit: 50 }, 'limit 50'),
  own('pfifo', {}, ''),
  own('bfifo', { limit: 5000 }, 'limit 5000'),
  own('htb', {}, '', { rateToQuantum: 10 }),
  own(
    'htb',
    { defaultClass: '30', rateToQuantum: 100, directQueueLength: 50 },
    'default 30 r2q 100 direct_qlen 50',
  ),
  own('ingress', {}, ''),
  own('clsact', {}, ''),
  own('prio', {}, ''),
  own(
    'prio',
    { bands: 4, priorityMap: [0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3] },
    'bands 4 priomap 0 1 2 3 0 1 2 3 0 1 2 3 0 1 2 3',
  ),
  own('red', { limit: 400_000, min: 30_000, max: 90_000 }, 'limit 400000 min 30000 max 90000 avpkt 1000'),
  {
    ...own(
      'red',
      {
        ...{
          limit: 400_000,
          min: 30_000,
          max: 90_000,
          averagePacket: 1500,
          burst: 55,
          bandwidth: 100_000_000,
        },
        ...{ probability: 10, ecn: true, hardDrop: true },
      },
      'limit 400000 min 30000 max 90000 avpkt 1500 burst 55 bandwidth 100mbit probability 0.1 ecn harddrop',
      {
        ...{ limit: 400_000, min: 30_000, max: 90_000, probability: 10 },
        ...{ ecn: true, hardDrop: true, adaptive: false, noDrop: false },
      },
    ),
    otherwise: 'the kernel does not report averagePacket and bandwidth',
  },
  own(
    'red',
    { limit: 400_000, min: 30_000, max: 90_000, ecn: true, noDrop: true },
    'limit 400000 min 30000 max 90000 avpkt 1000 ecn nodrop',
  ),
  // the kernel does not lower the percentage below 1
  own(
    'red',
    { limit: 400_000, min: 30_000, max: 90_000, probability: 1, adaptive: true },
    'limit 400000 min 30000 max 90000 avpkt 1000 probability 0.01 adaptive',
  ),
  own('sfq', {}, ''),
  own(
    'sfq',
    { limit: 100, quantum: 3000, perturb: 10, divisor: 512, flows: 64, depth: 20, headDrop: true },
    'limit 100 quantum 3000 perturb 10 divisor 512 flows 64 depth 20 headdrop',
  ),
  own('fq_codel', {}, ''),
  own(
    'fq_codel',
    {
      ...{ limit: 500, memoryLimit: 1_000_000, flows: 64, quantum: 300, target: 10.24, interval: 204.8 },
      ...{ ecn: false, ceThreshold: 2.048, dropBatch: 32 },
    },
    'limit 500 memory_limit 1000000 flows 64 quantum 300 target 10240us interval 204800us noecn ce_threshold 2048us drop_batch 32',
    { limit: 500, memoryLimit: 1_000_000, flows: 64, quantum: 300, ecn: false, dropBatch: 32 },
  ),
  own('fq', {}, ''),
  own(
    'fq',
    {
      ...{ limit: 500, flowLimit: 50, quantum: 3000, initialQuantum: 15_000, pacing: false, buckets: 256 },
      ...{ maxRate: 8_000_000, refillDelay: 50, orphanMask: 511, lowRateThreshold: 800_000, ceThreshold: 3 },
      ...{ timerSlack: 20_000, horizon: 5000, horizonDrop: false },
    },
    'limit 500 flow_limit 50 quantum 3000 initial_quantum 15000 nopacing buckets 256 maxrate 8mbit refill_delay 50ms ' +
      'orphan_mask 511 low_rate_threshold 800kbit ce_threshold 3ms timer_slack 20us horizon 5s horizon_cap',
  ),
  own('codel', {}, ''),
  own(
    'codel',
    { limit: 500, target: 10.24, interval: 204.8, ecn: true, ceThreshold: 2.048 },
    'limit 500 target 10240us interval 204800us ecn ce_threshold 2048us',
    { limit: 500, ecn: true },
  ),
  own('pie', {}, ''),
  own(
    'pie',
    { limit: 500, target: 30, update: 40, alpha: 3, beta: 21, ecn: true, byteMode: true },
    'limit 500 target 30ms tupdate 40ms alpha 3 beta 21 ecn bytemode',
  ),
  own('pie', { estimator: true }, 'dq_rate_estimator'),
  own('hhf', {}, ''),
  own(
    'hhf',
    { limit: 500, quantum: 3000, reset: 50, admit: 1000, evict: 2000, smallWeight: 3 },
    'limit 500 quantum 3000 reset_timeout 50ms admit_bytes 1000 evict_timeout 2s non_hh_weight 3',
  ),
  own('sfb', {}, ''),
  own(
    'sfb',
    {
      ...{ limit: 500, rehash: 600, warmUp: 100, max: 30, target: 10, increment: 0.1, decrement: 0.01 },
      ...{ penaltyRate: 5, penaltyBurst: 6 },
    },
    'limit 500 rehash 600 db 100 max 30 target 10 increment 0.001 decrement 0.0001 penalty_rate 5 penalty_burst 6',
    {
      ...{ limit: 500, rehash: 600, warmUp: 100, max: 30, target: 10 },
      ...{ increment: 0.100_71, decrement: 0.010_681, penaltyRate: 5, penaltyBurst: 6 },
    },
  ),
  own('skbprio', {}, ''),
  own('skbprio', { limit: 100 }, 'limit 100'),
  own('choke', { limit: 1000 }, 'limit 1000 bandwidth 10mbit', { limit: 1000, min: 83, max: 250 }),
  {
    ...own(
      'choke',
      { limit: 1000, min: 100, max: 300, burst: 200, bandwidth: 100_000_000, probability: 5, ecn: true },
      'limit 1000 bandwidth 100mbit min 100 max 300 probability 0.05 ecn burst 200',
      { limit: 1000, min: 100, max: 300, probability: 5, ecn: true },
    ),
    otherwise: 'the kernel does not report bandwidth',
  },
  own('fq_pie', {}, ''),
  own(
    'fq_pie',
    {
      ...{ limit: 500, flows: 64, target: 30, update: 40, alpha: 3, beta: 21, quantum: 300 },
      ...{ memoryLimit: 1_000_000, ecnProbability: 20, ecn: true, byteMode: true, estimator: true },
    },
    'limit 500 flows 64 target 30ms tupdate 40ms alpha 3 beta 21 quantum 300 memory_limit 1000000 ecn_prob 20 ecn bytemode dq_rate_estimator',
  ),
  own('ets', { strict: 3 }, 'strict 3', { bands: 3, strict: 3 }),
  own(
    'ets',
    { bands: 4, strict: 2, quanta: [3000, 1500], priorityMap: [0, 1, 2, 3] },
    'bands 4 strict 2 quanta 3000 1500 priomap 0 1 2 3',
    {
      ...{ bands: 4, strict: 2, quanta: [3000, 1500] },
      priorityMap: [0, 1, 2, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3],
    },
  ),
  own('multiq', {}, '', { bands: 4, maxBands: 4 }),
  own(
    'mqprio',
    {
      queues: [
        { first: 0, count: 1 },
        { first: 1, count: 3 },
      ],
      priorityMap: [0, 1],
    },
    'num_tc 2 map 0 1 queues 1@0 3@1 hw 0',
    { priorityMap: [0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], offload: false },
  ),
  own('plug', {}, ''),
  own('plug', { limit: 5000 }, 'limit 5000', {}),
  own('cbs', {}, '', { highCredit: 0, lowCredit: 0, idleSlope: 0, sendSlope: 0, offload: false }),
  own(
    'cbs',
    { highCredit: 30, lowCredit: -1470, sendSlope: -980_000_000, idleSlope: 20_000_000 },
    'hicredit 30 locredit -1470 sendslope -980000 idleslope 20000',
  ),
  own('etf', { delta: 0.2 }, 'clockid CLOCK_TAI delta 200000', {
    ...{ delta: 0.2, deadlineMode: false, offload: false, skipSocketCheck: false },
  }),
  own(
    'etf',
    { delta: 1.5, deadlineMode: true, skipSocketCheck: true },
    'clockid CLOCK_TAI delta 1500000 deadline_mode skip_sock_check',
  ),
  own('drr', {}, ''),
  own('qfq', {}, ''),
  own('cake', {}, ''),
  own(
    'cake',
    {
      ...{
        bandwidth: 10_000_000,
        autorate: true,
        diffserv: 'diffserv4',
        flowMode: 'dual-srchost',
        nat: true,
      },
      ...{ wash: true, rtt: 50, ingress: true, ackFilter: 'on', splitGso: false, overhead: 38, mpu: 84 },
      ...{ framing: 'ptm', memory: 1_000_000, firewallMark: 0xff },
    },
    'bandwidth 10mbit autorate-ingress diffserv4 dual-srchost nat wash rtt 50ms ingress ack-filter no-split-gso ' +
      'ptm overhead 38 mpu 84 memlimit 1000000 fwmark 0xff',
  ),
];
