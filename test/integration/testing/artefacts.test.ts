import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { toPcapng } from '../../../lib/testing/pcapng';
import { ROOT } from '../../support/cli';
import { partOf } from '../../support/part';
import { counts, RUNNERS, type RunnerName, runTests, testDirectory } from '../../support/runners';

const HEADS: Readonly<Record<RunnerName, string>> = {
  node: `
    import { describe, test } from 'node:test';
    import { ping, setLink, waitForLink } from 'rtnetns';
    import { useLab } from 'rtnetns/test';
    const runner = undefined;`,
  vitest: `
    import { afterAll, afterEach, beforeAll, beforeEach, describe, test } from 'vitest';
    import { ping, setLink, waitForLink } from 'rtnetns';
    import { useLab } from 'rtnetns/test';
    const runner = { afterAll, afterEach, beforeAll, beforeEach };`,
  jest: `
    const { ping, setLink, waitForLink } = require('rtnetns');
    const { useLab } = require('rtnetns/test');
    const runner = undefined;`,
};

const DEFINITION = `{ nodes: { a: {}, b: {} }, links: [{ ends: ['a', 'b'] }] }`;

const NOTHING = () => ({});

const names = Object.keys(HEADS) as RunnerName[];

/** All files below a directory. */
function filesIn(directory: string): string[] {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(directory, join(entry.parentPath, entry.name)))
    .sort();
}

/** What tshark shows of a field of the packets that pass a filter, a line each. */
function tshark(file: string, filter: string, field: string): string[] {
  const args = ['-r', file, '-Y', filter, '-T', 'fields', '-e', field];
  return execFileSync('tshark', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
    .split('\n')
    .filter(Boolean);
}

/** Runs tests with a directory for artefacts, and looks at it. */
function running<T>(
  name: RunnerName,
  body: string,
  env: (directory: string) => Readonly<Record<string, string>>,
  look: (artefacts: string, files: string[]) => T,
) {
  using directory = testDirectory();
  const artefacts = join(directory.directory, 'artefacts');
  const run = runTests(name, `${HEADS[name]}\n${body}`, directory, {
    RTNETNS_ARTEFACTS: artefacts,
    ...env(directory.directory),
  });
  // the files of tests lie in a directory of this name
  const files = filesIn(directory.directory).filter((file) => file.startsWith('artefacts'));
  const place = join('artefacts', relative(ROOT, directory.directory), RUNNERS[name].file);
  return {
    ...counts(run),
    looked: look(
      join(directory.directory, place),
      files.map((file) => relative(place, file)),
    ),
  };
}

describe('useLab', () => {
  test.each(names)('%s: a test that fails leaves a folder of its own, and no other', (name) => {
    const { looked, ...run } = running(
      name,
      `const lab = useLab(${DEFINITION}, { runner, capture: true });
      const answers = async () => {
        const { received } = await ping(lab().node('a'), lab().addr('b'), { timeout: 5000 });
        if (received !== 1) throw new Error('no answer');
      };
      test('passes', async () => { await answers(); });
      describe('a suite', () => {
        test('fails: ../how/ever?', async () => {
          await answers();
          await setLink(lab().node('b'), 'eth0', { up: false });
          await setLink(lab().node('b'), 'eth0', { up: true });
          for (const name of ['a', 'b']) await waitForLink(lab().node(name), 'eth0', { carrier: true });
          await answers();
          await lab().cut(['a', 'b']);
          await lab().heal();
          await setLink(lab().node('b'), 'eth0', { up: false });
          throw new Error('as it should');
        });
      });
      test('passes after it', async () => { await answers(); });`,
      NOTHING,
      (artefacts, files) => {
        const folder = join(artefacts, 'a-suite-fails-..-how-ever');
        const read = (file: string) => readFileSync(join(folder, file), 'utf8');
        return {
          files,
          text: read('lab.txt'),
          svg: read('lab.svg'),
          findings: read('doctor.txt'),
          record: (JSON.parse(read('record.json')) as { kind: string; title: string }[]).map(
            ({ kind, title }) => `${kind}: ${title}`,
          ),
          comments: tshark(join(folder, 'a-eth0.pcapng'), 'frame.comment', 'frame.comment'),
          types: ['a-eth0.pcapng', 'b-eth0.pcapng'].map((file) =>
            tshark(join(folder, file), 'icmp', 'icmp.type').join(' '),
          ),
        };
      },
    );
    expect(run).toEqual({ passed: 2, failed: 1 });
    expect(looked.files).toEqual(
      ['a-eth0.pcapng', 'b-eth0.pcapng', 'doctor.txt', 'lab.svg', 'lab.txt', 'record.json'].map((file) =>
        join('a-suite-fails-..-how-ever', file),
      ),
    );
    expect(looked.text).toContain('node b\n  eth0 198.18.0.1/31 to eth0 of a (down)\n');
    expect(looked.svg).toContain('<svg');
    expect(looked.findings).toMatch(/^b: error link-down at device eth0 of net:/m);
    expect(looked.record[0]).toBe('create: create the lab');
    expect(looked.record.at(-1)).toBe("test: 'a suite > fails: ../how/ever?' failed");
    expect(looked.record.map((line) => line.split(':')[0])).toEqual(
      expect.arrayContaining(['create', 'cut', 'heal', 'test']),
    );
    // each at one packet
    expect(looked.comments.join(',')).toBe(looked.record.join(','));
    expect(looked.types).toEqual(['8 0 8 0', '8 0 8 0']);
  });

  test.each(partOf(names, 3))(
    '%s: of a lab for all tests of a file, each that fails has the packets since the one before',
    (name) => {
      const { looked, ...run } = running(
        name,
        `const lab = useLab(${DEFINITION}, { runner, per: 'file', capture: true });
      const answers = (count) => ping(lab().node('a'), lab().addr('b'), { count, interval: 10 });
      test('passes', async () => { await answers(2); });
      for (const count of [1, 3])
        test('fails ' + count, async () => { await answers(count); throw new Error('as it should'); });`,
        NOTHING,
        (artefacts) =>
          [1, 3].map(
            (count) =>
              tshark(join(artefacts, `fails-${count}`, 'a-eth0.pcapng'), 'icmp.type == 8', 'icmp.type')
                .length,
          ),
      );
      expect(run).toEqual({ passed: 1, failed: 2 });
      expect(looked).toEqual([1, 3]);
    },
  );

  test('what was there before stays, and without a directory, or with none that fails, nothing is written', () => {
    const body = (outcome: string) => `useLab(${DEFINITION}); test('one', () => { ${outcome} });`;
    using directory = testDirectory();
    const artefacts = join(directory.directory, 'artefacts');
    const once = (
      outcome: string,
      env: Readonly<Record<string, string>> = { RTNETNS_ARTEFACTS: artefacts },
    ) => {
      runTests('node', `${HEADS.node}\n${body(outcome)}`, directory, env);
      return filesIn(directory.directory).filter((file) => file.endsWith('lab.txt'));
    };
    expect(once('')).toEqual([]);
    expect(once(`throw new Error('as it should')`, {})).toEqual([]);
    expect(once(`throw new Error('as it should')`)).toHaveLength(1);
    expect(once(`throw new Error('as it should')`)).toEqual([
      expect.stringMatching(/\/one-2\/lab\.txt$/),
      expect.stringMatching(/\/one\/lab\.txt$/),
    ]);
  });

  test('TLS is read by the secrets that programs have written', () => {
    const { looked } = running(
      'node',
      `import { execFileSync } from 'node:child_process';
      import { createServer } from 'node:https';
      import { get } from 'node:https';
      import { once } from 'node:events';
      import { httpsAgent, listen } from 'rtnetns';
      import { use } from 'rtnetns/test';
      const pem = execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes',
        '-subj', '/CN=b', '-days', '1', '-keyout', '-'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
      const lab = useLab(${DEFINITION}, { capture: true });
      use(() => listen(lab().node('b'), createServer({ key: pem, cert: pem }, (_, response) => response.end('hello')), { port: 443 }));
      test('fails', async () => {
        const agent = httpsAgent(lab().node('a'));
        const [response] = await once(get({ host: lab().addr('b'), path: '/secret', agent, rejectUnauthorized: false }), 'response');
        response.resume();
        await once(response, 'end');
        agent.destroy();
        throw new Error('as it should');
      });`,
      (directory) => ({
        SSLKEYLOGFILE: join(directory, 'keys'),
        NODE_OPTIONS: `--tls-keylog=${join(directory, 'keys')}`,
      }),
      (artefacts) => tshark(join(artefacts, 'fails', 'a-eth0.pcapng'), 'http.request', 'http.request.uri'),
    );
    expect(looked).toEqual(['/secret']);
  });

  test('what happened stands as comments at the next packets', () => {
    using directory = testDirectory();
    const packet = (time: bigint) => ({ time, data: Buffer.alloc(40), length: 50 });
    const file = join(directory.directory, 'wire.pcapng');
    const comments = [
      { time: 25n, text: 'partition: a from b' },
      { time: 5n, text: 'create' },
      { time: 99n, text: 'heal: ü' },
      { time: 99n, text: 'test: it failed' },
    ];
    const packets = [10n, 20n, 1_700_000_000_123_456_789n].map(packet);
    writeFileSync(file, toPcapng({ linkType: 276, device: 'eth0', packets }, { comments }));
    expect(tshark(file, 'frame', 'frame.comment')).toEqual([
      'create',
      'partition: a from b,heal: ü,test: it failed',
    ]);
    expect(tshark(file, 'frame', 'frame.time_epoch').at(-1)).toBe('1700000000.123456789');
    expect(tshark(file, 'frame', 'frame.interface_name')).toEqual(['eth0', 'eth0', 'eth0']);
    expect(tshark(file, 'frame', 'frame.len')).toEqual(['50', '50', '50']);
  });
});
