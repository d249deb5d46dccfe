import { defined } from '../../common/objects';
import type { ImpairmentOptions } from '../../traffic/impairment';

/** Chances of which each is taken by itself. */
const CHANCES = ['loss', 'duplicate', 'corrupt'] as const;

const MODELS = ['gilbert', 'fourStates'] as const;

/**
 * What becomes of packets that pass two impairments, as one impairment: delays add up, of two rates the lower one holds, and of two options that
 * cannot be joined that of `second`.
 */
export function combined(first: ImpairmentOptions, second: ImpairmentOptions | undefined): ImpairmentOptions {
  if (second === undefined) return first;
  const sum = (name: 'delay' | 'jitter') => (first[name] ?? 0) + (second[name] ?? 0) || undefined;
  const either = (name: (typeof CHANCES)[number]) => {
    const passing = [first, second].map((one) => 1 - (one[name] ?? 0) / 100);
    return 100 * (1 - passing.reduce((a, b) => a * b)) || undefined;
  };
  const rates = [first.rate, second.rate].filter((rate) => rate !== undefined && rate > 0) as number[];
  const both = { ...first, ...second };
  const joined = {
    delay: sum('delay'),
    jitter: sum('jitter'),
    ...Object.fromEntries(CHANCES.map((name) => [name, either(name)])),
    rate: rates.length === 0 ? undefined : Math.min(...rates),
    limit: Math.max(first.limit ?? 0, second.limit ?? 0) || undefined,
  };
  const model =
    MODELS.find((name) => second[name] !== undefined) ?? MODELS.find((name) => both[name] !== undefined);
  return defined({
    ...both,
    ...joined,
    // a model of losses stands in the place of a chance
    ...(model !== undefined && {
      loss: undefined,
      gilbert: undefined,
      fourStates: undefined,
      [model]: both[model],
    }),
  });
}
