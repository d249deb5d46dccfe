import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, rtnetns, sandboxed } from '../../support/cli';
import { announced, printedIn, runPrinted } from '../../support/printed';

const PAGE = 'docs/install.md';

/** What a call needs, by the capability in the table; 'none' needs none. */
const CALLS: Readonly<Record<string, string>> = {
  CAP_SYS_ADMIN: 'rtnetns.createNetns()',
  CAP_NET_ADMIN: "rtnetns.currentNetns().then((here) => rtnetns.setLink(here, 'lo', { up: true }))",
  CAP_NET_RAW: "rtnetns.currentNetns().then((here) => rtnetns.capture(here, 'lo', { count: 1 }).ready)",
  CAP_NET_BIND_SERVICE:
    "rtnetns.currentNetns().then((here) => rtnetns.listen(here, require('node:net').createServer(), { port: 1 }))",
};

/** 'done', or the code of the error, of a call in a process without these capabilities. */
function outcome(call: string, without: string): string {
  const program = `const rtnetns = require(${JSON.stringify(ROOT)});
    ${call}.then(() => 'done', ({ code }) => code).then((said) => (console.log(said), process.exit()));`;
  const dropped = ['setpriv', '--bounding-set', without, '--inh-caps', without];
  const { stdout, stderr } = sandboxed(...dropped, process.execPath, '-e', program);
  expect(stderr).toBe('');
  return stdout.trim();
}

describe('docs/install.md', () => {
  test('the program prints what its comment says', () => {
    const [example = ''] = printedIn(PAGE);
    expect(runPrinted(example).trim().split('\n')).toEqual(announced(example));
  });

  test('the check exits with 0', () => {
    const text = readFileSync(join(ROOT, PAGE), 'utf8');
    expect(text).toContain('\n    npx rtnetns sandbox -- true\n');
    expect(text).toContain('run: npx rtnetns sandbox -- npm test\n');
    expect(rtnetns('sandbox', '--', 'true').status).toBe(0);
  });

  test.each(Object.entries(CALLS))('a call that needs %s is refused without it', (capability, call) => {
    expect(readFileSync(join(ROOT, PAGE), 'utf8')).toContain(`\n| \`${capability}\` `);
    const dropped = `-${capability.slice(4).toLowerCase()}`;
    expect([outcome(call, '-syslog'), outcome(call, dropped)]).toEqual([
      'done',
      expect.stringMatching(/^E(PERM|ACCES)$/),
    ]);
  });

  test('a process without capabilities reads its own namespace', () => {
    const call = 'rtnetns.currentNetns().then((here) => rtnetns.listLinks(here))';
    expect(outcome(call, '-all')).toBe('done');
  });
});
