import { parseArgs } from 'node:util';

export interface Options {
  /** Few and small: whether everything works, not how fast. */
  quick: boolean;
  /** Ids of contenders; empty: all. */
  only: string[];
  sizes: number[];
  rounds: number;
  star: boolean;
  calls: boolean;
  /** Run the cases, too, that can be quick. */
  cases: boolean;
  /** Write docs/benchmarks.md and docs/benchmarks.svg. */
  write: boolean;
  help: boolean;
}

export const USAGE = `npm run bench [-- OPTIONS]
  --quick          smoke test: N=10, one round, judges state and not time; runs some cases, too
  --only a,b       these contenders only, by id
  --n 10,100,...   sizes of the star (10,100,500,1000)
  --rounds 3       how often each contender takes its turn
  --part PART      star or calls; with --quick also cases (all)
  --write          write docs/benchmarks.md and docs/benchmarks.svg too`;

const PARTS = ['star', 'calls', 'cases'];

function positive(text: string, option: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new RangeError(`--${option}: '${text}' is not a positive integer`);
  return value;
}

export function parseOptions(argv: string[]): Options {
  const { values } = parseArgs({
    args: argv,
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string', default: '' },
      n: { type: 'string' },
      rounds: { type: 'string' },
      part: { type: 'string' },
      write: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const { quick, part } = values;
  if (part !== undefined && !PARTS.includes(part)) throw new RangeError(`--part: '${part}'`);
  if (part === 'cases' && !quick) throw new RangeError('--part cases: only with --quick');
  const only = values.only.split(',').filter(Boolean);
  const isPart = (name: string): boolean => (part ?? name) === name;
  return {
    quick,
    only,
    sizes: (values.n ?? (quick ? '10' : '10,100,500,1000')).split(',').map((n) => positive(n, 'n')),
    rounds: positive(values.rounds ?? (quick ? '1' : '3'), 'rounds'),
    star: isPart('star'),
    calls: isPart('calls'),
    cases: quick && only.length === 0 && isPart('cases'),
    write: values.write,
    help: values.help,
  };
}
