// Tables of the delays of netem: the kernel takes one of the entries by chance, divides it by 8192, and delays the packet by so many
// times the jitter more.

/** linux/pkt_sched.h, NETEM_DIST_SCALE */
const SCALE = 8192;
const ENTRIES = 4096;

/** Quantiles with a mean of 0, by the share of packets that have a shorter delay. */
const QUANTILES = {
  /** As without a table: each delay up to the jitter is as likely. */
  uniform: (share: number) => 2 * share - 1,
  normal: normalQuantile,
  /** With the shape 3, whose mean is 1.5 and whose variance is 0.75: few packets have a long delay. */
  pareto: (share: number) => ((1 - share) ** (-1 / 3) - 1.5) / Math.sqrt(0.75),
} as const;

/**
 * How delays spread around their mean: 'normal', 'pareto', 'uniform'.
 *
 * @useDeclaredType
 */
export type DelayDistribution = keyof typeof QUANTILES;

export const DISTRIBUTIONS = Object.keys(QUANTILES) as readonly DelayDistribution[];

/** TCA_NETEM_DELAY_DIST: 16-bit integers with a sign, in the machine's byte order. */
export function distributionTable(name: DelayDistribution): Uint8Array {
  const quantile = QUANTILES[name];
  const table = Int16Array.from({ length: ENTRIES }, (_, i) => {
    const entry = Math.round(SCALE * quantile((i + 0.5) / ENTRIES));
    return Math.max(-0x7fff, Math.min(0x7fff, entry));
  });
  return new Uint8Array(table.buffer);
}

/** By halving: the table is made once for a request, and needs no more than 16 bits. */
function normalQuantile(share: number): number {
  let [low, high] = [-8, 8];
  for (let i = 0; i < 24; i++) {
    const middle = (low + high) / 2;
    if (normalShare(middle) < share) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** The share of values below one, by the series of its Taylor expansion, which ends where nothing is added any more. */
function normalShare(value: number): number {
  let term = value;
  let sum = value;
  for (let i = 1; Math.abs(term) > 1e-12; i++) {
    term *= (value * value) / (2 * i + 1);
    sum += term;
  }
  return 0.5 + (sum * Math.exp((-value * value) / 2)) / Math.sqrt(2 * Math.PI);
}
