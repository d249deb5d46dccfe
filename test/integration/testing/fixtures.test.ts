import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { partOf } from '../../support/part';
import { counts, runTests, type RunnerName, testDirectory } from '../../support/runners';

const HEADS: Readonly<Record<RunnerName, string>> = {
  node: `
    import { after, describe, test } from 'node:test';
    import { appendFileSync } from 'node:fs';
    import { listNetns, ping } from 'rtnetns';
    import { use, useLab } from 'rtnetns/test';
    const runner = undefined, afterAll = after;`,
  vitest: `
    import { afterAll, afterEach, beforeAll, beforeEach, describe, test } from 'vitest';
    import { appendFileSync } from 'node:fs';
    import { listNetns, ping } from 'rtnetns';
    import { use, useLab } from 'rtnetns/test';
    const runner = { afterAll, afterEach, beforeAll, beforeEach };`,
  jest: `
    const { appendFileSync } = require('node:fs');
    const { listNetns, ping } = require('rtnetns');
    const { use, useLab } = require('rtnetns/test');
    const runner = undefined;`,
};

const DEFINITION = `{ name: 'shop', nodes: { a: {}, b: {} }, links: [{ ends: ['a', 'b'] }] }`;

/** Runs tests, which say what they see by `log`. */
function running(name: RunnerName, body: string) {
  using directory = testDirectory();
  const file = join(directory.directory, 'log');
  const log = `const log = (...words) => appendFileSync(${JSON.stringify(file)}, words.join(' ') + '\\n');`;
  const run = runTests(name, [HEADS[name], log, body].join('\n'), directory);
  const lines = existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
  return { ...counts(run), said: run.said, lines };
}

const names = Object.keys(HEADS) as RunnerName[];

/** One of them, another one each day. */
const oneOfThem = partOf(names, 3);

describe('use, useLab', () => {
  test.each(names)('%s: each test has a lab of its own, which ends after what stands in it', (name) => {
    const { lines, ...run } = running(
      name,
      `const lab = useLab(${DEFINITION}, { runner });
      use(() => ({ [Symbol.dispose]: () => log('disposed while the lab is there:', lab().switches.open) }), { runner });
      const answers = async () => (await ping(lab().node('a'), lab().addr('b'))).received;
      test('first', async () => log(lab().name, await answers()));
      test('second', async () => { log(lab().name, await answers()); throw new Error('as it should'); });
      test('third', async () => log(lab().name, await answers()));
      afterAll(async () => log('left:', (await listNetns()).map(({ name }) => name)));`,
    );
    expect(run).toMatchObject({ passed: 2, failed: 1 });
    const disposed = 'disposed while the lab is there: true';
    const lab = expect.stringMatching(/^shop-\w+ 1$/) as string;
    expect(lines).toEqual([lab, disposed, lab, disposed, lab, disposed, 'left:']);
    expect(new Set(lines.filter((line) => line.startsWith('shop'))).size).toBe(3);
  });

  test.each(oneOfThem)('%s: all tests of a file or suite share a lab', (name) => {
    const { lines, ...run } = running(
      name,
      `const lab = useLab(async () => (${DEFINITION}), { runner, per: 'file' });
      test('first', () => log(lab().name));
      describe('in a suite', () => {
        const inner = useLab({ nodes: { a: {} } }, { runner, per: 'file' });
        test('second', () => log(lab().name, [...inner().nodes.keys()]));
        test('third', () => log(lab().name, [...inner().nodes.keys()]));
      });
      test('last', () => { log(lab().name); });
      afterAll(async () => log('a lab is left:', (await listNetns()).length > 0));`,
    );
    expect(run).toMatchObject({ passed: 4, failed: 0 });
    const [first = ''] = lines;
    expect(lines.slice(0, 4).sort()).toEqual([first, first, `${first} a`, `${first} a`].sort());
  });

  test.each(oneOfThem)(
    '%s: where a lab cannot be created, the test fails, and what there was before it ends',
    (name) => {
      const { lines, ...run } = running(
        name,
        `use(() => ({ [Symbol.asyncDispose]: async () => log('disposed') }), { runner });
      const lab = useLab({ nodes: { a: { ports: 'lan' } } }, { runner });
      test('first', () => log('ran'));`,
      );
      expect(run).toMatchObject({ passed: 0, failed: 1 });
      expect(run.said).toContain("nodes.a.ports: there is no switch 'lan'");
      expect(lines).toEqual(['disposed']);
    },
  );

  test.each(oneOfThem)('%s: outside of a test there is no lab', (name) => {
    const run = running(
      name,
      `const lab = useLab(${DEFINITION}, { runner });
      test('first', () => undefined);
      afterAll(() => { try { lab(); } catch (error) { log(error.code); } });`,
    );
    expect(run).toMatchObject({ passed: 1, failed: 0, lines: ['ERR_LAB_FIXTURE'] });
  });

  test('a lab that a test has closed is gone as well; what is no disposable is refused by its name', () => {
    const { lines, said, ...run } = running(
      'node',
      `const lab = useLab(${DEFINITION});
      test('first', () => lab().close());
      test('second', async () => log('left:', (await listNetns()).length));
      describe('in a suite', () => { use(() => undefined); test('third', () => undefined); });`,
    );
    expect(run).toMatchObject({ passed: 2 });
    // those of the lab of the second test
    expect(lines).toEqual(['left: 3']);
    expect(said).toContain('create: expected what `await using` takes, got undefined');
  });

  test('a test within a test of node:test has a lab of its own', () => {
    const { lines, ...run } = running(
      'node',
      `const lab = useLab(${DEFINITION});
      use(() => ({ [Symbol.asyncDispose]: async () => log('disposed in', lab().name) }));
      test('outer', async (t) => {
        log(lab().name);
        await t.test('inner', () => log(lab().name));
        log(lab().name);
      });`,
    );
    expect(run).toMatchObject({ passed: 2, failed: 0 });
    const [outer = '', inner = ''] = lines;
    expect(inner).not.toBe(outer);
    expect(lines).toEqual([outer, inner, `disposed in ${inner}`, outer, `disposed in ${outer}`]);
  });

  test.each([
    ['node', `describe('both', { concurrency: true }, () => {`],
    ['vitest', `describe.concurrent('both', () => {`],
  ] as const)('%s: tests that run at the same time cannot have one each, but share one', (name, suite) => {
    const body = (options: string) =>
      `${suite}
        const lab = useLab(${DEFINITION}, { runner${options} });
        for (const name of ['first', 'second'])
          test(name, async () => { lab(); await new Promise((resolve) => setTimeout(resolve, 100)); });
      });`;
    const refused = running(name, body(''));
    expect(refused.failed).toBeGreaterThan(0);
    expect(refused.said).toContain('ERR_LAB_FIXTURE');
    expect(refused.said).toContain('runs at the same time as');
    expect(running(name, body(", per: 'file'"))).toMatchObject({ passed: 2, failed: 0 });
  });

  test('without hooks that vitest would have as globals, they are asked for', () => {
    const { said, failed } = running('vitest', `useLab(${DEFINITION}); test('first', () => undefined);`);
    expect(said).toContain('runner: this run has no global hooks');
    expect(failed).toBe(0);
  });
});
