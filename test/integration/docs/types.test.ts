import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { ROOT } from '../../support/cli';

/** The examples of the pages that stand on their own, because they import what they use. */
const EXAMPLES = ['README.md', ...readdirSync(join(ROOT, 'docs')).map((name) => `docs/${name}`)]
  .filter((name) => name.endsWith('.md'))
  .flatMap((page) =>
    [...readFileSync(join(ROOT, page), 'utf8').matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code = ''], i) => ({
      file: `${page.replace(/\W/g, '-')}-${i}.mts`,
      code,
    })),
  )
  .filter(({ code }) => code.includes("from 'rtnetns'"));

/** What some of them have from the text before. */
const GIVEN = `import type { Netns } from 'rtnetns';
declare global {
  const red: Netns;
  const router: Netns;
  const signal: AbortSignal;
}
`;

describe('docs', () => {
  test('the examples have sound types, by the strict rules of TypeScript', () => {
    // below the package, which may import itself by its name
    const directory = mkdtempSync(join(ROOT, 'build', 'pages-'));
    try {
      for (const { file, code } of EXAMPLES) writeFileSync(join(directory, file), code);
      writeFileSync(join(directory, 'given.d.mts'), GIVEN);
      const program = ts.createProgram(
        ['given.d.mts', ...EXAMPLES.map(({ file }) => file)].map((file) => join(directory, file)),
        {
          module: ts.ModuleKind.NodeNext,
          target: ts.ScriptTarget.ES2022,
          lib: ['lib.es2022.d.ts', 'lib.esnext.disposable.d.ts'],
          types: ['node', 'jest'],
          strict: true,
          noEmit: true,
        },
      );
      const problems = ts
        .getPreEmitDiagnostics(program)
        .map(({ file, messageText }) => [
          file?.fileName.slice(directory.length + 1),
          ts.flattenDiagnosticMessageText(messageText, '\n'),
        ]);
      expect(problems).toEqual([]);
      expect(EXAMPLES.length).toBeGreaterThan(20);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});
