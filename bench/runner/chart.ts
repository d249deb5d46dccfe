import { at, type Report, type StarResult } from './report';
import { format } from './stats';

// Create time over N, both axes logarithmic: what grows with the square is steeper than what grows with N.
const WIDTH = 880;
const HEIGHT = 460;
const PLOT = { left: 64, right: 620, top: 24, bottom: 410 };
const LABEL_HEIGHT = 16;
// Told apart without red against green; the labels stand at the lines' ends, so no legend is needed.
const COLOURS = [
  '#0072b2',
  '#d55e00',
  '#009e73',
  '#cc79a7',
  '#e69f00',
  '#56b4e9',
  '#8c6d31',
  '#7f7f7f',
  '#5e3c99',
  '#b2182b',
];

const STYLE = `
  text { font: 12px system-ui, sans-serif; fill: #333; }
  .grid { stroke: #8884; }
  .line { fill: none; stroke-width: 2; }
  @media (prefers-color-scheme: dark) { text { fill: #ddd; } }`;

type Scale = (value: number) => number;

function logScale(from: number, to: number, start: number, end: number): Scale {
  const span = Math.log(to / from) || 1;
  return (value) => start + (Math.log(value / from) / span) * (end - start);
}

/** Powers of ten that enclose all values. */
function decades(values: readonly number[]): number[] {
  const low = Math.floor(Math.log10(Math.min(...values)));
  const high = Math.ceil(Math.log10(Math.max(...values)));
  return Array.from({ length: high - low + 1 }, (_, i) => 10 ** (low + i));
}

/** Moves labels apart that would overlap, from the top down, and keeps their order. */
function spreadOut(wanted: readonly number[]): number[] {
  const order = wanted.map((y, i) => ({ y, i })).sort((a, b) => a.y - b.y);
  const placed = new Array<number>(wanted.length).fill(0);
  let lowest = -Infinity;
  for (const { y, i } of order) {
    lowest = Math.max(y, lowest + LABEL_HEIGHT);
    placed[i] = lowest;
  }
  return placed;
}

const round = (value: number): string => value.toFixed(1);
const escape = (text: string): string => text.replace(/&/g, '&amp;').replace(/</g, '&lt;');

function gridOf(x: Scale, y: Scale, sizes: readonly number[], ticks: readonly number[]): string[] {
  const rows = ticks.map((ms) => {
    const at = round(y(ms));
    const line = `<line class="grid" x1="${String(PLOT.left)}" x2="${String(PLOT.right)}" y1="${at}" y2="${at}"/>`;
    return `${line}<text x="${String(PLOT.left - 8)}" y="${round(y(ms) + 4)}" text-anchor="end">${ms.toLocaleString('en-US')}</text>`;
  });
  const columns = sizes.map(
    (n) =>
      `<text x="${round(x(n))}" y="${String(PLOT.bottom + 20)}" text-anchor="middle">${n.toLocaleString('en-US')}</text>`,
  );
  return [...rows, ...columns];
}

function lineOf(result: StarResult, colour: string, x: Scale, y: Scale, labelY: number): string {
  const points = result.sizes.map(({ n, createMs }) => [x(n), y(createMs.median)] as const);
  const path = points.map(([px, py]) => `${round(px)},${round(py)}`).join(' ');
  const dots = points.map(
    ([px, py]) => `<circle cx="${round(px)}" cy="${round(py)}" r="3" fill="${colour}"/>`,
  );
  const [endX, endY] = points[points.length - 1] ?? [0, 0];
  const leader = `<path class="line" style="stroke-width:1" stroke="${colour}" stroke-dasharray="2 3" d="M${round(endX)},${round(endY)} L${String(PLOT.right + 30)},${round(labelY)}"/>`;
  const label = `<text x="${String(PLOT.right + 34)}" y="${round(labelY + 4)}">${escape(result.title)}</text>`;
  return `<polyline class="line" stroke="${colour}" points="${path}"/>${dots.join('')}${leader}${label}`;
}

/** The chart of the charted contenders, or undefined where there are not two sizes to draw a line between. */
export function chart(report: Report): string | undefined {
  const results = report.star.filter((result) => result.charted && result.sizes.length > 0);
  const sizes = report.sizes;
  const [first, last] = [Math.min(...sizes), Math.max(...sizes)];
  if (sizes.length < 2 || results.length === 0) return undefined;
  const ticks = decades(results.flatMap((result) => result.sizes.map(({ createMs }) => createMs.median)));
  const x = logScale(first, last, PLOT.left, PLOT.right);
  const y = logScale(ticks[0] ?? 1, ticks[ticks.length - 1] ?? 10, PLOT.bottom, PLOT.top);
  const ends = results.map((result) => result.sizes[result.sizes.length - 1]?.createMs.median ?? 1);
  const labels = spreadOut(ends.map(y));
  const lines = results.map((result, i) =>
    lineOf(result, COLOURS[i % COLOURS.length] ?? '', x, y, labels[i] ?? 0),
  );
  const summary = results
    .map((r) => `${r.title}: ${format(at(r, last)?.createMs.median ?? NaN)} ms`)
    .join('; ');
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${String(WIDTH)} ${String(HEIGHT)}" role="img">
<title>Milliseconds to create a star of N namespaces</title>
<desc>At N=${String(last)}: ${escape(summary)}</desc>
<style>${STYLE}</style>
${gridOf(x, y, sizes, ticks).join('\n')}
${lines.join('\n')}
<text x="${String((PLOT.left + PLOT.right) / 2)}" y="${String(HEIGHT - 8)}" text-anchor="middle">namespaces</text>
<text x="14" y="${String((PLOT.top + PLOT.bottom) / 2)}" text-anchor="middle" transform="rotate(-90 14 ${String((PLOT.top + PLOT.bottom) / 2)})">milliseconds to create</text>
</svg>
`;
}
