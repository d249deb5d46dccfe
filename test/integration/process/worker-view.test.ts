import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { WorkerOptions } from 'node:worker_threads';
import { ROOT } from '../../support/cli';
import { partOf } from '../../support/part';
import { program, runProgram } from '../../support/program';

// What a worker in a namespace finds is what any other worker finds: it is compared with node's own.

const DIRECTORY = join(ROOT, 'test/support/worker');
const PRELOAD = join(DIRECTORY, 'preload.js');

interface Case {
  entry: 'view.js' | 'view.mjs' | 'code';
  /** 'SHARE_ENV' stands for the symbol. */
  options: Record<string, unknown>;
}

interface View {
  preloaded?: string[];
}

interface Views {
  plain: View;
  inside: View;
  host: string;
  netns: string;
  after: { execArgv: string[]; options?: string };
}

/** The views of two workers with the same options, of which one is in a namespace. */
const both = (cases: Case[]) =>
  program(
    async ({ rtnetns, fs, threads, tell }, { cases, directory }) => {
      const netns = await rtnetns.createNetns();
      const view = async (worker: InstanceType<typeof threads.Worker>) =>
        new Promise((resolve) => worker.once('message', resolve).once('error', resolve));
      for (const { entry, options } of cases) {
        const code = entry === 'code';
        const file = code ? fs.readFileSync(`${directory}/view.js`, 'utf8') : `${directory}/${entry}`;
        const shares = options['env'] === 'SHARE_ENV';
        const shared = shares && { env: threads.SHARE_ENV };
        const given = { eval: code, ...options, ...shared } as WorkerOptions;
        tell({
          plain: await view(new threads.Worker(file, given)),
          inside: await view(await rtnetns.createWorker(netns, file, given)),
          host: fs.readlinkSync('/proc/self/ns/net'),
          netns: `net:[${netns.ino}]`,
          after: { execArgv: process.execArgv, options: process.env['NODE_OPTIONS'] },
        });
      }
    },
    { cases, directory: DIRECTORY },
  );

async function views(cases: Case[], flags: string[], nodeOptions?: string): Promise<Views[]> {
  const wrapper = [
    'env',
    ...(nodeOptions === undefined ? ['-u', 'NODE_OPTIONS'] : [`NODE_OPTIONS=${nodeOptions}`]),
  ];
  const ended = await runProgram(both(cases), { flags, wrapper });
  expect(ended).toMatchObject({ code: 0, stderr: '' });
  expect(ended.told).toHaveLength(cases.length);
  return ended.told as Views[];
}

const OPTIONS = [
  {},
  { argv: ['--one', 2], workerData: { list: [1, 'two'] } },
  { env: { A: 'b', NODE_OPTIONS: '--no-warnings' } },
  { env: null },
  { env: 'SHARE_ENV' },
  { execArgv: ['--no-warnings'] },
  { env: 'SHARE_ENV', execArgv: ['--no-deprecation'] },
  { resourceLimits: { maxOldGenerationSizeMb: 50, stackSizeMb: 3 } },
  { trackUnmanagedFds: false, name: 'mine', stdin: false },
];

const CASES = partOf(
  (['view.js', 'view.mjs', 'code'] as const).flatMap((entry) =>
    OPTIONS.map((options) => ({ entry, options })),
  ),
  4,
);

describe('createWorker', () => {
  test.each<[string, string[], string | undefined]>([
    ['has no options', [], undefined],
    [
      'has options, of which not all are for workers',
      ['--expose-gc', '--title', 'x', '--no-warnings', '--v8-pool-size=2'],
      undefined,
    ],
    ['is given options by its environment', [], '--max-old-space-size=200 --no-warnings'],
  ])('all is as elsewhere where the process %s', async (_, flags, nodeOptions) => {
    const told = await views(CASES, flags, nodeOptions);
    for (const [i, { plain, inside, after }] of told.entries()) {
      expect({ ...CASES[i], ...inside }).toEqual({ ...CASES[i], ...plain });
      expect(after.options).toBe(nodeOptions);
      expect(after.execArgv.slice(0, flags.length)).toEqual(flags);
    }
  });

  describe('modules that are preloaded run in the namespace', () => {
    const MODULE = pathToFileURL(join(DIRECTORY, 'preload.mjs')).href;
    const flags = ['--require', PRELOAD, '--import', MODULE];
    const given = { execArgv: flags };

    test.each<[string, object, string[], string | undefined]>([
      ['by the options of the worker', given, [], undefined],
      ['by those of the process', {}, ['--expose-gc', ...flags, '--title', 'x'], undefined],
      ['by those of the process, with its environment', { env: 'SHARE_ENV' }, flags, undefined],
      ['by the environment of the process', {}, [], `--require ${PRELOAD} --import ${MODULE}`],
      ['by an environment of its own', { env: { NODE_OPTIONS: `--require ${PRELOAD}` } }, [], undefined],
    ])('%s', async (_, options, processFlags, nodeOptions) => {
      const entries = (['view.js', 'view.mjs', 'code'] as const).map((entry) => ({
        entry,
        options: { ...options },
      }));
      for (const { plain, inside, host, netns } of await views(entries, processFlags, nodeOptions)) {
        // how many of them run for code, and with an environment of its own, differs between versions of node
        expect(plain.preloaded).toContain(host);
        expect(inside.preloaded).toEqual(plain.preloaded!.map(() => netns));
      }
    });
  });
});
