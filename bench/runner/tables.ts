import { goalRows } from './goals';
import { at, bestDeleteAt, floorAt, type Report } from './report';
import { format, type Summary } from './stats';

/** Rows of text; the first is the heading. Shown in a terminal and in Markdown alike. */
export interface Table {
  title: string;
  rows: string[][];
}

const spread = (s: Summary): string => (s.min === s.max ? '' : `${format(s.min)}–${format(s.max)}`);
const ratio = (value: number, base: number): string =>
  Number.isFinite(value / base) ? (value / base).toFixed(2) : '–';
const cpu = (ms: number): string => (ms < 10 ? '<10' : format(ms));
const megabytes = (kb: number): string => format(kb / 1024);

function sizeTable(report: Report, n: number): Table {
  const head = [
    'contender',
    'create ms',
    'min–max',
    '× floor',
    'CPU ms',
    'delete ms',
    'min–max',
    '× best',
    'CPU ms',
    'peak MB',
  ];
  const floor = floorAt(report, n);
  const best = bestDeleteAt(report, n);
  const rows = report.star.flatMap((result) => {
    const size = at(result, n);
    if (!size) return [];
    const { createMs, createCpuMs, deleteMs, deleteCpuMs, peakKb } = size;
    const create = [format(createMs.median), spread(createMs), ratio(createMs.median, floor)];
    const remove = [format(deleteMs.median), spread(deleteMs), ratio(deleteMs.median, best)];
    return [
      [
        result.title,
        ...create,
        cpu(createCpuMs.median),
        ...remove,
        cpu(deleteCpuMs.median),
        megabytes(peakKb.median),
      ],
    ];
  });
  return { title: `Star ${String(n)}`, rows: [head, ...rows] };
}

function growthTable(report: Report): Table {
  const head = ['contender', ...report.sizes.map((n) => `N=${String(n)}`)];
  const rows = report.star.map((result) => [
    result.title,
    ...report.sizes.map((n) => format((at(result, n)?.createMs.median ?? NaN) / n)),
  ]);
  return { title: 'Growth: milliseconds to create, for each namespace', rows: [head, ...rows] };
}

/** From nanoseconds to seconds in one column: too wide a range for one unit. */
function duration(ms: number): string {
  if (ms >= 1) return `${format(ms)} ms`;
  return `${format(ms * 1e3)} µs`;
}

function callsTable(report: Report): Table {
  const contenders = new Map(
    report.calls.flatMap((call) => call.results.map((r) => [r.id, r.title] as const)),
  );
  const head = ['call', ...contenders.values()];
  const rows = report.calls.map((call) => [
    call.title,
    ...[...contenders.keys()].map((id) => {
      const result = call.results.find((r) => r.id === id);
      return result ? duration(result.ms.median) : '–';
    }),
  ]);
  return { title: 'Single calls, medians', rows: [head, ...rows] };
}

export function tables(report: Report): Table[] {
  const all = report.star.length ? report.sizes.map((n) => sizeTable(report, n)) : [];
  if (report.star.length && report.sizes.length > 1) all.push(growthTable(report));
  if (report.calls.length) all.push(callsTable(report));
  const goals = report.quick ? [] : goalRows(report);
  if (goals.length) {
    all.push({ title: 'Goals, in this run', rows: [['what', 'figure', 'goal', ''], ...goals] });
  }
  return all;
}

export function inTerminal({ title, rows }: Table): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  );
  const lines = rows.map((row) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join('  '),
  );
  return `\n${title}\n${lines.join('\n')}\n`;
}

export function inMarkdown({ title, rows: [head = [], ...rows] }: Table): string {
  const rule = head.map((_, i) => (i === 0 ? '---' : '---:'));
  const lines = [head, rule, ...rows].map((row) => `| ${row.join(' | ')} |`);
  return `## ${title}\n\n${lines.join('\n')}\n`;
}
