import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

// Numbers as the C compiler has them. Each set of headers is a file of its own, because some headers exclude others.

/** A number in C, which is printed under its key. */
export interface Question {
  readonly key: string;
  readonly expression: string;
  readonly headers: readonly string[];
}

const FIRST = ['stddef.h', 'stdio.h', 'sys/socket.h', 'netinet/in.h', 'linux/netlink.h'];
const COMPILER = process.env['CC'] ?? 'cc';

/** The numbers that the compiler knows, by their keys. */
export function compiled(questions: readonly Question[], includes: string): Map<string, number> {
  const folder = mkdtempSync(join(tmpdir(), 'kernel-constants-'));
  try {
    const parts = new Map<string, Question[]>();
    for (const question of questions) {
      const headers = question.headers.join(' ');
      parts.set(headers, [...(parts.get(headers) ?? []), question]);
    }
    const names = [...parts].map(([headers, of], i) => {
      compilePart(folder, `part${i}`, headers.split(' '), of, includes);
      return `part${i}`;
    });
    const main = [...names.map((name) => `void ${name}(void);`), 'int main(void)', '{'];
    main.push(...names.map((name) => `${name}();`), 'return 0;', '}', '');
    writeFileSync(join(folder, 'main.c'), main.join('\n'));
    const objects = names.map((name) => `${name}.o`);
    execFileSync(COMPILER, ['-o', 'print', 'main.c', ...objects], { cwd: folder });
    const lines = execFileSync(join(folder, 'print'), { encoding: 'utf8' }).split('\n');
    return new Map(
      lines
        .filter((line) => line !== '')
        .map((line) => line.split('\t'))
        .map(([key, value]) => [key!, Number(value)]),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Compiles what the compiler knows of these questions. */
function compilePart(
  folder: string,
  name: string,
  headers: readonly string[],
  questions: readonly Question[],
  includes: string,
): void {
  const head = [...FIRST, ...headers].map((header) => `#include <${header}>`);
  head.push(`void ${name}(void)`, '{');
  for (let left = questions; ;) {
    const lines = left.map(
      ({ key, expression }) => `printf("%s\\t%lld\\n", "${key}", (long long)(${expression}));`,
    );
    writeFileSync(join(folder, `${name}.c`), [...head, ...lines, '}', ''].join('\n'));
    const options = ['-w', '-fno-diagnostics-color', '-isystem', includes, '-c', `${name}.c`];
    const { status, stderr, error } = spawnSync(COMPILER, options, { cwd: folder, encoding: 'utf8' });
    if (error) throw error;
    if (status === 0) return;
    const refused = [...stderr.matchAll(/^part\d+\.c:(\d+):\d+: error/gm)].map(([, line]) => Number(line));
    const known = left.filter((_, i) => !refused.includes(head.length + 1 + i));
    if (known.length === left.length) throw new Error(`the compiler refuses a header:\n${stderr}`);
    left = known;
  }
}
