import os from 'node:os';
import { FLOOR, type StarContender } from './contenders';
import { summarize, type Summary } from './stats';

/** The numbers of a run, as they are written to build/bench/results.json. */
export interface Report {
  machine: { kernel: string; cpus: number; cpu: string; node: string };
  date: string;
  /** A smoke test: the times mean nothing. */
  quick: boolean;
  rounds: number;
  sizes: number[];
  star: StarResult[];
  calls: CallResult[];
  leftOut: { title: string; install: string }[];
  failures: string[];
}

/** One turn of one contender at one size. */
export interface StarSample {
  createMs: number;
  createCpuMs: number;
  /** From the request until the last link is gone. */
  deleteMs: number;
  deleteCpuMs: number;
  peakKb: number;
}

export interface StarResult {
  id: string;
  title: string;
  charted: boolean;
  sizes: SizeResult[];
}

export interface SizeResult {
  n: number;
  createMs: Summary;
  createCpuMs: Summary;
  deleteMs: Summary;
  deleteCpuMs: Summary;
  peakKb: Summary;
  samples: StarSample[];
}

export interface CallResult {
  name: string;
  title: string;
  results: { id: string; title: string; ms: Summary }[];
}

export function newReport({ quick, sizes, rounds }: Pick<Report, 'quick' | 'sizes' | 'rounds'>): Report {
  const cpus = os.cpus();
  return {
    machine: {
      kernel: os.release().replace(/-.*/, ''),
      cpus: cpus.length,
      cpu: cpus[0]?.model ?? '',
      node: process.version,
    },
    date: new Date().toISOString().slice(0, 10),
    quick,
    rounds,
    sizes,
    star: [],
    calls: [],
    leftOut: [],
    failures: [],
  };
}

export function addSamples(report: Report, contender: StarContender, n: number, samples: StarSample[]): void {
  let result = report.star.find(({ id }) => id === contender.id);
  if (!result) {
    result = { id: contender.id, title: contender.title, charted: contender.charted ?? false, sizes: [] };
    report.star.push(result);
  }
  const of = (what: keyof StarSample) => summarize(samples.map((sample) => sample[what]));
  result.sizes.push({
    n,
    createMs: of('createMs'),
    createCpuMs: of('createCpuMs'),
    deleteMs: of('deleteMs'),
    deleteCpuMs: of('deleteCpuMs'),
    peakKb: of('peakKb'),
    samples,
  });
}

export function at(result: StarResult, n: number): SizeResult | undefined {
  return result.sizes.find((size) => size.n === n);
}

/** Median of the floor at n, if it ran. */
export function floorAt(report: Report, n: number): number {
  const floor = report.star.find(({ id }) => id === FLOOR);
  return (floor && at(floor, n)?.createMs.median) ?? NaN;
}

/** The best teardown at n: goals compare with that, not with the floor's. */
export function bestDeleteAt(report: Report, n: number): number {
  return Math.min(...report.star.map((result) => at(result, n)?.deleteMs.median ?? Infinity));
}
