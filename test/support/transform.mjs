// How jest compiles TypeScript: file by file, without a look at types, as ts-jest does. A module of lib/ loads what it imports when
// something of the import is first used, as in dist/: jest evaluates all modules anew for each file of tests, which uses few.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, sep } from 'node:path';
import { withLazyImports } from '../../compile/lazy-imports.mjs';

const tsJest = createRequire(import.meta.url)('ts-jest');

const ROOT = join(import.meta.dirname, '..', '..');
const LIB = join(ROOT, 'lib') + sep;

/** What the outcome depends on besides the file itself. That of ts-jest depends on the project, which is no part of ours. */
const OUTSIDE = [
  'tsconfig.json',
  'test/support/transform.mjs',
  'compile/lazy-imports.mjs',
  'node_modules/ts-jest/package.json',
  'node_modules/typescript/package.json',
].map((file) => readFileSync(join(ROOT, file)));

/** The map of lines that ts-jest writes behind the code, which is longer than that: V8 would read it for each file of tests. */
const MAP = /\/\/# sourceMappingURL=data:application\/json;charset=utf-8;base64,(\S+)\s*$/;

export default {
  createTransformer() {
    const compiler = tsJest.default.createTransformer();
    return {
      getCacheKey(source, path) {
        const hash = createHash('sha1');
        for (const part of [source, path, ...OUTSIDE]) hash.update(part).update('\0');
        return hash.digest('hex');
      },
      process(source, path, options) {
        const { code } = compiler.process(source, path, options);
        const [comment = '', map = ''] = MAP.exec(code) ?? [];
        const text = code.slice(0, code.length - comment.length);
        return {
          code: path.startsWith(LIB) ? withLazyImports(path, text) : text,
          map: Buffer.from(map, 'base64').toString(),
        };
      },
    };
  },
};
