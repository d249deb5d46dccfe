import { spawn as spawnHere } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, watch, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createLab,
  exec,
  type Lab,
  type LabDefinition,
  LabError,
  openLab,
  type ProcessDefinition,
} from '../../../lib';
import { failure } from '../../support/ip';
import { ROOT } from '../../support/cli';

const directory = mkdtempSync(join(tmpdir(), 'rtnetns-run-'));

const lan = { subnet: '10.0.0.0/24' };
const ports = 'lan';

/** A program of node's. */
const node = (code: string): string[] => [process.execPath, '-e', code];

/** A server that listens late, and reports on itself. */
const SERVER = node(
  `setTimeout(() => require('node:http').createServer((_, answer) => answer.end('hello')).listen(80), 100)`,
);
const FOREVER = 'setInterval(() => undefined, 1000);';

/** The lines that processes have added to a file, in their order. */
const said = join(directory, 'said');
const say = (word: string): string =>
  `require('node:fs').appendFileSync(${JSON.stringify(said)}, '${word}\\n');`;
const lines = (): string[] => (existsSync(said) ? readFileSync(said, 'utf8').trim().split('\n') : []);

/** Whether a process is there, as /proc has it, and is not only waited for. */
function isAlive(pid: number | undefined): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

const running = (lab: Lab): string[] =>
  [...lab.processes].flatMap(([name, { end }]) => (end === undefined ? [name] : []));

const withRun = (run: ProcessDefinition | ProcessDefinition[]): LabDefinition => ({
  switches: { lan },
  nodes: { web: { ports, run }, client: { ports } },
});

describe('createLab', () => {
  // node keeps the descriptor by which it watches files
  beforeAll(() => watch(directory).close());
  afterAll(() => rmSync(directory, { recursive: true }));
  beforeEach(() => rmSync(said, { force: true }));

  test('starts, readiness and ends are in the record of the lab', async () => {
    const lab = await createLab(
      withRun({ command: node(`console.log('up'); ${FOREVER}`), ready: { log: 'up' } }),
    );
    lab.process('web').kill('SIGKILL');
    await lab.process('web').ended;
    await lab.destroy();
    expect(lab.record.entries.map(({ kind, title }) => `${kind}: ${title}`)).toEqual([
      'start: start web',
      'ready: web is ready',
      'create: create the lab',
      'end: end of web by SIGKILL',
      'destroy: destroy the lab',
    ]);
  });

  test('a server is ready when its port answers, in its node', async () => {
    await using lab = await createLab(withRun({ command: SERVER, ready: { port: 80 } }));
    const { stdout } = await exec(lab.node('client'), process.execPath, [
      '-e',
      `fetch('http://${lab.addr('web')}').then((answer) => answer.text()).then(console.log)`,
    ]);
    expect(stdout).toBe('hello\n');
    const { pid, end } = lab.process('web');
    expect(end).toBeUndefined();
    const { stdout: inNode } = await exec(lab.node('web'), 'readlink', ['/proc/self/ns/net']);
    const { stdout: ofServer } = await exec(lab.node('web'), 'readlink', [`/proc/${pid}/ns/net`]);
    expect(ofServer).toBe(inNode);
    await lab.destroy();
    expect(isAlive(pid)).toBe(false);
    expect(await lab.process('web').ended).toEqual({ exitCode: null, signal: 'SIGTERM' });
  });

  test('each starts when those are ready that it is to be after, and ends before them', async () => {
    const quit = (word: string) => `process.on('SIGTERM', () => { ${say(`end ${word}`)} process.exit() });`;
    const run = (word: string, after: string[]): ProcessDefinition => ({
      command: node(`${quit(word)} ${say(`start ${word}`)} console.log('up'); ${FOREVER}`),
      ready: { log: 'up' },
      after,
    });
    await using lab = await createLab({
      nodes: {
        web: { run: run('web', ['db', 'cache']) },
        cache: { run: run('cache', ['db']) },
        db: { run: run('db', []) },
      },
    });
    expect(lines()).toEqual(['start db', 'start cache', 'start web']);
    expect([...lab.processes.keys()]).toEqual(['db', 'cache', 'web']);
    await lab.destroy();
    expect(lines().slice(3)).toEqual(['end web', 'end cache', 'end db']);
  });

  test('a file that appears, a variable, a directory and a user', async () => {
    const code = `console.log(process.env.WORD, process.cwd(), process.getuid());
      setTimeout(() => require('node:fs').writeFileSync('ready', ''), 50); ${FOREVER}`;
    await using lab = await createLab({
      nodes: {
        a: {
          run: {
            command: node(code),
            ...{ env: { WORD: 'word' }, cwd: directory, uid: process.getuid?.() ?? 0 },
            ready: { file: 'ready' },
          },
        },
      },
    });
    expect(existsSync(join(directory, 'ready'))).toBe(true);
    expect(lab.process('a').output).toBe(`word ${directory} ${process.getuid?.()}\n`);
  });

  test('what prepares something has to end before others start', async () => {
    const setup = { command: node(`${say('set up')} process.exitCode = 4`), ready: { exitCode: 4 } };
    const run = {
      command: node(`${say('start')} console.log('up')`),
      ready: { log: 'up' },
      after: 'a.setup',
    };
    const definition: LabDefinition = { nodes: { a: { run: [run, { ...setup, name: 'setup' }] } } };
    await using lab = await createLab(definition);
    expect(lines()).toEqual(['set up', 'start']);
    await lab.process('a').ended;
    expect((await lab.plan(definition)).empty).toBe(true);
    const wrong = { nodes: { a: { run: { ...setup, ready: { exitCode: 0 } } } } };
    expect(((await failure(createLab(wrong))) as Error).message).toContain(
      'it ended with exit code 4 before it was ready',
    );
  });

  test('a worker has its sockets in its node, and its data', async () => {
    const file = join(directory, 'worker.cjs');
    writeFileSync(
      file,
      `const { workerData } = require('node:worker_threads');
       const net = require('node:net');
       net.createServer((socket) => socket.end(workerData.word)).listen(80, () => console.log(process.env.WORD));`,
    );
    const run = { worker: 'worker.cjs', cwd: directory, workerData: { word: 'data' }, env: { WORD: 'env' } };
    await using lab = await createLab(withRun({ ...run, ready: { port: 80 } }));
    const get = `require('node:net').connect(80, '${lab.addr('web')}').pipe(process.stdout)`;
    expect((await exec(lab.node('client'), process.execPath, ['-e', get])).stdout).toBe('data');
    expect(lab.process('web')).toMatchObject({ pid: undefined, output: 'env\n' });
    await lab.destroy();
    expect((await lab.process('web').ended).signal).toBeNull();
  });

  test.each<[string, ProcessDefinition, string, object]>([
    [
      'one that ends',
      {
        command: node(`console.log('one'); console.error('two'); process.exitCode = 7`),
        ready: { port: 80 },
      },
      'it ended with exit code 7 before it was ready',
      { exitCode: 7, signal: null },
    ],
    [
      'one that a signal ends',
      {
        command: node(`console.log('one\\ntwo'); process.kill(process.pid, 'SIGABRT')`),
        ready: { log: 'never' },
      },
      'it ended by SIGABRT before it was ready',
      { exitCode: null, signal: 'SIGABRT' },
    ],
    [
      'one that is not ready in time',
      { command: node(`console.log('one\\ntwo'); ${FOREVER}`), ready: { file: '/never' }, timeout: 700 },
      "it was not ready in 700 ms: there was no file '/never'",
      { exitCode: null, signal: 'SIGTERM' },
    ],
  ])(
    '%s is an error with the last of its output, and the lab is undone',
    async (_, definition, reason, end) => {
      const error = await failure(createLab({ ...withRun(definition), name: 'run' }));
      expect(error).toBeInstanceOf(LabError);
      if (!(error instanceof LabError)) return;
      const { code, message, process: failed, rollbackErrors } = error;
      const [first, ...rest] = message.split('\n  ');
      expect([code, first, rest.sort(), rollbackErrors]).toEqual([
        'ERR_LAB_PROCESS',
        `ERR_LAB_PROCESS: start process web in lab run: ${reason}`,
        ['one', 'two'],
        undefined,
      ]);
      expect(await failed?.ended).toMatchObject(end);
      expect(await failure(openLab('run'))).toMatchObject({ code: 'ERR_LAB_MISSING' });
    },
  );

  test.each<[string, ProcessDefinition, RegExp]>([
    ['no such command', { command: ['/no/such'] }, /ENOENT/],
    ['a file below no directory', { command: ['sleep', '60'], ready: { file: '/no/such/file' } }, /ENOENT/],
    ['a worker without a file that nothing waits for', { worker: '/no/such.mjs' }, /no\/such\.mjs/],
    [
      'a worker without a file',
      { worker: '/no/such.mjs', ready: { port: 80 } },
      /Cannot find module|before it was ready/,
    ],
    ['a worker that throws', { worker: 'data.cjs', cwd: directory, ready: { port: 80 } }, /broken/],
  ])('%s is an error', async (_, definition, reason) => {
    writeFileSync(join(directory, 'data.cjs'), `throw new Error('broken')`);
    const error = await failure(createLab(withRun(definition)));
    expect(error).toMatchObject({ name: 'LabError', code: 'ERR_LAB_PROCESS' });
    expect((error as Error).message).toMatch(reason);
  });

  test('the failure of one ends the waiting of others', async () => {
    const begun = performance.now();
    const error = await failure(
      createLab({
        nodes: {
          a: { run: { command: ['sleep', '60'], ready: { log: 'never' } } },
          b: { run: { command: ['false'], ready: { log: 'never' } } },
          c: { run: { command: ['sleep', '60'], after: 'b' } },
        },
      }),
    );
    expect((error as Error).message).toContain('start process b in the lab');
    expect(performance.now() - begun).toBeLessThan(20_000);
  });

  test('an abort ends the waiting, with its reason', async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    const code = `${say('up')} ${FOREVER}`;
    const watcher = watch(directory);
    const up = once(watcher, 'change');
    const creating = failure(
      createLab(withRun({ command: node(code), ready: { log: 'never' } }), { signal: controller.signal }),
    );
    await up;
    watcher.close();
    controller.abort(reason);
    expect(await creating).toBe(reason);
  });

  test('one that heeds no SIGTERM is killed, and so is what it has left running', async () => {
    const code = `process.on('SIGTERM', () => console.log('no'));
      const child = require('node:child_process').spawn('sleep', ['60'], { stdio: 'inherit' });
      console.log('child ' + child.pid); ${FOREVER}`;
    await using lab = await createLab(withRun({ command: node(code), ready: { log: 'child' }, grace: 200 }));
    const child = Number(/child (\d+)/.exec(lab.process('web').output)?.[1]);
    expect(isAlive(child)).toBe(true);
    await lab.destroy();
    expect(await lab.process('web').ended).toEqual({ exitCode: null, signal: 'SIGKILL' });
    expect(lab.process('web').output).toContain('no');
    expect(isAlive(child)).toBe(false);
  });

  test('one that ends by itself is known, and looked up by no other name', async () => {
    await using lab = await createLab(withRun({ command: ['sh', '-c', 'echo done; exit 3'] }));
    expect(await lab.process('web').ended).toEqual({ exitCode: 3, signal: null });
    expect(lab.process('web')).toMatchObject({ output: 'done\n', node: 'web', end: { exitCode: 3 } });
    expect(lab.process('web').kill()).toBe(false);
    expect(() => lab.process('client')).toThrow("there is none of the name 'client'");
  });

  test('those of a node are named where the name is that of the node', async () => {
    const command = ['sleep', '60'];
    const run = [
      { name: 'a', command },
      { name: 'b', command },
    ];
    await using lab = await createLab({ nodes: { web1: { run: { command } }, web2: { run } } });
    expect(() => lab.process('web2')).toThrow("'web2'; of this node there are web2.a and web2.b");
  });

  test('close ends them', async () => {
    const lab = await createLab(withRun({ command: ['sleep', '60'] }));
    lab.close();
    expect(await lab.process('web').ended).toEqual({ exitCode: null, signal: 'SIGKILL' });
  });

  test('a lab with processes cannot be kept', async () => {
    expect(
      await failure(createLab({ ...withRun({ command: ['true'] }), name: 'run' }, { keep: true })),
    ).toMatchObject({
      name: 'TypeError',
      message:
        'keep: a lab with processes cannot be kept, because they end with the process that has started them',
    });
  });

  test('they end with the process that has created the lab, also by SIGKILL', async () => {
    const code = `require(${JSON.stringify(ROOT)}).createLab({ nodes: { a: { run: { command: ['sleep', '60'] } } } })
      .then((lab) => console.log(lab.process('a').pid));`;
    const child = spawnHere(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [said] = (await once(child.stdout, 'data')) as [Buffer];
    const pid = Number(String(said));
    expect(isAlive(pid)).toBe(true);
    child.kill('SIGKILL');
    await once(child, 'exit');
    while (isAlive(pid)) await new Promise((resolve) => setTimeout(resolve, 5));
  });

  describe('plans of processes', () => {
    test('apply starts what is new, ends what is gone, and restarts what has changed and what has failed', async () => {
      const sleep = { command: ['sleep', '60'] };
      await using lab = await createLab({
        nodes: {
          ...{ same: { run: sleep }, gone: { run: sleep }, fine: { run: { command: ['true'] } } },
          ...{ changed: { run: sleep }, failed: { run: { command: ['false'] } }, gone2: { run: sleep } },
        },
      });
      const before = new Map(lab.processes);
      await Promise.all([lab.process('fine').ended, lab.process('failed').ended]);
      const changed = { ...sleep, env: { A: '1' } };
      const next: LabDefinition = {
        nodes: {
          ...{ same: { run: sleep }, gone: {}, fine: { run: { command: ['true'] } }, more: { run: sleep } },
          ...{ changed: { run: changed }, failed: { run: { command: ['sleep', '60'] } } },
        },
      };
      const plan = String(await lab.plan(next))
        .split('\n')
        .sort();
      expect(plan).toEqual([
        '+ node more',
        '+ process failed',
        '+ process more',
        '- node gone2',
        '- process gone',
        '- process gone2',
        expect.stringMatching(/^~ process changed: env /),
      ]);
      await lab.apply(next);
      expect(running(lab).sort()).toEqual(['changed', 'failed', 'more', 'same']);
      expect(lab.process('same')).toBe(before.get('same'));
      expect(before.get('gone')?.end).toMatchObject({ signal: 'SIGTERM' });
      expect(before.get('changed')?.end).toMatchObject({ signal: 'SIGTERM' });
      expect((await lab.plan(next)).empty).toBe(true);
    });

    test('what a failed apply has ended runs again', async () => {
      const sleep = { command: ['sleep', '60'] };
      await using lab = await createLab({ nodes: { a: { run: sleep }, b: {} } });
      const before = lab.process('a');
      const next = { nodes: { a: {}, b: { run: { command: ['false'], ready: { log: 'never' } } } } };
      expect(await failure(lab.apply(next))).toMatchObject({ code: 'ERR_LAB_PROCESS' });
      expect(running(lab)).toEqual(['a']);
      expect(lab.process('a')).not.toBe(before);
      expect(await failure(lab.apply(next, { onFailure: 'keep' }))).toMatchObject({
        code: 'ERR_LAB_PROCESS',
      });
      expect(running(lab)).toEqual([]);
      expect(lab.process('b').end).toMatchObject({ exitCode: 1 });
    });
  });
});
