import type { Route } from '../../routes/route-view';
import type { ImpairmentOptions } from '../../traffic/impairment';

// What drawings say of routes and impairments.

const UNITS: Readonly<Partial<Record<keyof ImpairmentOptions, string>>> = {
  ...{ delay: 'ms', jitter: 'ms' },
  ...{ loss: '%', duplicate: '%', corrupt: '%', reorder: '%' },
  ...{ delayCorrelation: '%', lossCorrelation: '%', duplicateCorrelation: '%' },
  ...{ reorderCorrelation: '%', corruptCorrelation: '%' },
};

/** They are always there, and impair nothing. */
const UNSAID: readonly string[] = ['limit', 'seed'];

const PREFIXES = ['', 'k', 'M', 'G', 'T'];

/** 'delay 50 ms, loss 1 %, rate 10 Mbit/s' */
export function impairmentWords(impairment: ImpairmentOptions): string {
  const words = Object.entries(impairment).flatMap(([name, value]) =>
    UNSAID.includes(name) || !value ? [] : [`${name} ${valueWords(name, value)}`],
  );
  return words.join(', ') || 'netem';
}

function valueWords(name: string, value: unknown): string {
  if (typeof value !== 'number') return typeof value === 'string' ? value : JSON.stringify(value);
  if (name === 'rate') return rateWords(value);
  const unit = UNITS[name as keyof ImpairmentOptions];
  return [rounded(value), unit].filter(Boolean).join(' ');
}

/** The kernel keeps times in ticks, and chances in parts of 2^32. */
function rounded(value: number): string {
  return String(Number(value.toPrecision(4)));
}

function rateWords(rate: number): string {
  const thousands = Math.min(Math.floor(Math.log10(rate) / 3), PREFIXES.length - 1);
  return `${rounded(rate / 1000 ** thousands)} ${PREFIXES[thousands] ?? ''}bit/s`;
}

/** 'default via 10.0.0.1', '10.2.0.0/16 dev tun0', 'blackhole 10.3.0.0/16' */
export function routeWords(route: Route, names: ReadonlyMap<number, string>): string {
  const { to, type, metric, nexthops = [route] } = route;
  const ways = nexthops.map((way) => wayWords(way, names)).filter(Boolean);
  return [
    ...(type === 'unicast' ? [] : [type]),
    to,
    ways.join(' and '),
    // 1024 is what IPv6 makes of none
    ...(metric === undefined || (route.family === 6 && metric === 1024) ? [] : [`metric ${metric}`]),
  ]
    .filter(Boolean)
    .join(' ');
}

function wayWords({ via, index }: Pick<Route, 'via' | 'index'>, names: ReadonlyMap<number, string>) {
  if (via !== undefined) return `via ${via}`;
  const device = index === undefined ? undefined : names.get(index);
  return device === undefined || device === 'lo' ? '' : `dev ${device}`;
}
