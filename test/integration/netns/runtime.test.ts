// Bun and Deno name themselves in process.versions, which this process does in their place.
import { program, runProgram, type Tools } from '../../support/program';

async function refusals({ rtnetns, tell }: Tools) {
  const { connect, createNetns, createSocket, createWorker, exec, httpAgent, spawn } = rtnetns;
  const red = await createNetns();
  const calls = {
    connect: async () => connect(red, { host: '127.0.0.1', port: 9 }),
    httpAgent: async () =>
      new Promise((_, reject) => {
        const agent = httpAgent(red) as unknown as {
          createConnection: (options: object, done: (error: unknown) => void) => void;
        };
        agent.createConnection({ host: '127.0.0.1', port: 9 }, reject);
      }),
    createSocket: async () => (await createSocket(red, 'udp4')).close(),
    exec: async () => exec(red, 'true'),
    spawn: async () => Promise.resolve(spawn(red, 'true')),
    createWorker: async () => createWorker(red, '0', { eval: true }),
  };
  const versions = process.versions;
  for (const runtime of ['bun', 'deno']) {
    Object.defineProperty(process, 'versions', { value: { ...versions, [runtime]: '1.0.0' } });
    const refused: string[] = [];
    for (const [name, call] of Object.entries(calls)) {
      const code = await call().then(
        () => 'done',
        (error: unknown) => (error as { code: string }).code,
      );
      if (code === 'ERR_UNSUPPORTED_RUNTIME') refused.push(name);
    }
    tell([runtime, refused]);
  }
  process.exit(0);
}

describe('NetnsError', () => {
  test('ERR_UNSUPPORTED_RUNTIME is of what a runtime other than Node cannot do', async () => {
    const { told, stderr } = await runProgram(program(refusals));
    expect(stderr).toBe('');
    expect(told).toEqual([
      ['bun', ['connect', 'httpAgent', 'createWorker']],
      ['deno', ['createSocket', 'exec', 'spawn', 'createWorker']],
    ]);
  });
});
