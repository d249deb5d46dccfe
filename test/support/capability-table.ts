/** The table of docs/kernels.md, `page`: whether a kernel has what tests need, by the name of the kernel and of the capability. */
export function capabilityTable(page: string): Map<string, Map<string, string>> {
  const from = page.indexOf('| what tests need');
  const lines = page.slice(from).split('\n');
  const rows = lines
    .slice(
      0,
      lines.findIndex((line) => !line.startsWith('|')),
    )
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
  const [[, ...kernels] = [], , ...capabilities] = rows;
  return new Map(
    kernels.map((kernel, column) => [
      kernel,
      new Map(capabilities.map(([name = '', ...cells]) => [name, cells[column] ?? ''])),
    ]),
  );
}
