import { at, bestDeleteAt, type Report } from './report';

/** What the library is held to in one run, nearly always a ratio of two contenders; the cases print goals of their own. */
interface Goal {
  title: string;
  figure: number;
  atMost?: number;
  atLeast?: number;
}

/** What lists may take of the time of a program in C that only walks the bytes. */
export const LIST_GOALS = [
  { name: 'routes', title: 'route dump', atMost: 2 },
  { name: 'routes-first', title: 'first route dump', atMost: 4 },
  { name: 'links', title: 'link dump', atMost: 1.7 },
] as const;

function goalsOf(report: Report): Goal[] {
  const create = (id: string, n: number): number => {
    const result = report.star.find((r) => r.id === id);
    return (result && at(result, n)?.createMs.median) ?? NaN;
  };
  const remove = (id: string, n: number): number => {
    const result = report.star.find((r) => r.id === id);
    return (result && at(result, n)?.deleteMs.median) ?? NaN;
  };
  const cpu = (id: string, n: number): number => {
    const result = report.star.find((r) => r.id === id);
    return (result && at(result, n)?.createCpuMs.median) ?? NaN;
  };
  const call = (id: string, name: string): number => {
    const results = report.calls.find((c) => c.name === name)?.results;
    return results?.find((r) => r.id === id)?.ms.median ?? NaN;
  };
  const ratio = (what: string, base: string, n: number, atMost: number): Goal => ({
    title: `N=${n}: ${what} ÷ ${base}`,
    figure: create(what, n) / create(base, n),
    atMost,
  });
  const sizes = report.sizes.filter((n) => n >= 100);
  const dump = call('rtnetns', 'routes');
  return [
    ...report.sizes.map((n) => ratio('bulk', 'floor', n, n < 100 ? 1.3 : 1)),
    ...sizes.map((n) => ({
      title: `N=${n}: CPU, bulk ÷ floor`,
      figure: cpu('bulk', n) / cpu('floor', n),
      atMost: 1.15,
    })),
    ...sizes.map((n) => ratio('plain', 'floor-bridge-first', n, 1.25)),
    ...sizes.map((n) => ratio('plain-bridge-last', 'floor', n, 1.25)),
    { title: 'N=500: go-tuned ÷ bulk', figure: create('go-tuned', 500) / create('bulk', 500), atLeast: 2 },
    { title: 'N=1000: go-tuned ÷ bulk', figure: create('go-tuned', 1000) / create('bulk', 1000), atLeast: 4 },
    { title: 'N=500: ip ÷ bulk', figure: create('ip', 500) / create('bulk', 500), atLeast: 30 },
    {
      title: 'bulk, for each namespace: N=1000 ÷ N=100',
      figure: create('bulk', 1000) / 10 / create('bulk', 100),
      atMost: 1.4,
    },
    ...sizes.map((n) => ({
      title: `N=${n}: teardown, bulk ÷ best`,
      figure: remove('bulk', n) / bestDeleteAt(report, n),
      atMost: n < 500 ? 1.1 : 1,
    })),
    { title: 'addAddr, µs', figure: call('rtnetns', 'addr') * 1e3, atMost: 80 },
    ...LIST_GOALS.map(({ name, title, atMost }) => ({
      title: `${title} ÷ C that walks the bytes`,
      figure: call('rtnetns', name) / call('c-dump', name),
      atMost,
    })),
    { title: 'route dump ÷ npm netlink', figure: dump / call('npm-netlink', 'routes'), atMost: 1 },
    { title: 'route dump ÷ pyroute2', figure: dump / call('pyroute2', 'routes'), atMost: 1 },
  ];
}

/** Rows of the goals whose contenders have all run. */
export function goalRows(report: Report): string[][] {
  return goalsOf(report)
    .filter(({ figure }) => Number.isFinite(figure))
    .map(({ title, figure, atMost = Infinity, atLeast = 0 }) => {
      const limit = atLeast > 0 ? `≥ ${atLeast}` : `≤ ${atMost}`;
      return [title, figure.toFixed(2), limit, figure <= atMost && figure >= atLeast ? 'met' : 'missed'];
    });
}
