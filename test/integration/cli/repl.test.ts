import { spawnSync } from 'node:child_process';
import { listNetns } from '../../../lib';
import { CLI, outside } from '../../support/cli';
import { typeAt } from '../../support/typist';

/** What the prompt prints when it is given these lines, and how it ends. */
function repl(...lines: string[]) {
  const options = { encoding: 'utf8', env: outside(), input: lines.join('\n'), timeout: 60_000 } as const;
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, 'repl'], options);
  return { status, stderr, printed: stdout.trimEnd().split('\n') };
}

describe('rtnetns repl', () => {
  test('has all functions, and await, in a sandbox', async () => {
    const { status, stderr, printed } = repl(
      "await createNetns('red'); (await listNetns()).map(({ name }) => name)",
    );
    expect({ status, stderr, printed }).toEqual({ status: 0, stderr: '', printed: ["[ 'red' ]"] });
    expect(await listNetns()).toEqual([]);
  });

  test('has the namespace of the sandbox as host', () => {
    const { printed } = repl(
      'host',
      'await setLink(host, "lo", { up: true })',
      '(await listLinks(host)).length',
    );
    expect(printed[0]).toMatch(/^Netns /);
    expect(printed.slice(-2)).toEqual(['undefined', '1']);
  });

  test('evaluates a line when the line before it is done', () => {
    const slow = "await new Promise((resolve) => setTimeout(resolve, 300, 'first'))";
    expect(repl(slow, "'second'").printed).toEqual(["'first'", "'second'"]);
  });

  test('takes an expression of several lines', () => {
    expect(repl('[', "'a'.toUpperCase(),", ']').printed.at(-1)).toMatch(/\[ 'A' \]$/);
  });

  test('prints errors as node does, and goes on', () => {
    const { status, printed } = repl(
      "throw new RangeError('far')",
      "await getLink(host, 'missing')",
      "await getLink(host, 'missing').catch((error) => error instanceof Error)",
      "'still here'",
    );
    expect(printed[0]).toBe('Uncaught RangeError: far');
    expect(printed).toContainEqual(expect.stringMatching(/^NetlinkError: ENODEV: get link missing /));
    expect(printed).toContainEqual(expect.stringMatching(/^ {2}code: 'ENODEV',$/));
    expect(printed.at(-1)).toBe("'still here'");
    expect(status).toBe(0);
  });

  test('leaves, though a server is listening', () => {
    const server = "const server = await listen(host, require('net').createServer(), { port: 8080 })";
    expect(repl(server, 'server.listening')).toMatchObject({ status: 0, printed: ['undefined', 'true'] });
  });

  test('leaves at .exit, whatever comes after it', () => {
    expect(repl("'before'", '.exit', "'after'")).toMatchObject({ status: 0, printed: ["'before'"] });
  });

  test('is interrupted by Ctrl-C, and left by Ctrl-D, at a terminal', () => {
    const keys: [string, string][] = [
      ['rtnetns> ', 'await new Promise(() => setTimeout(() => console.log("wai" + "ting"), 99))\r'],
      ['waiting', '\x03'],
      ['rtnetns> ', 'console.log("run" + "ning"); while (true);\r'],
      ['running', '\x03'],
      ['rtnetns> ', '(await listLinks(host)).map(({ name }) => name)\r'],
      ["'lo'", ''],
      ['rtnetns> ', '\x04'],
    ];
    const command = [process.execPath, CLI, 'repl'];
    const { status, stdout, stderr } = typeAt(keys, command, { ...outside(), NO_COLOR: '1' });
    expect(stderr).toBe('');
    expect(stdout.match(/Script execution was interrupted by `SIGINT`/g)).toHaveLength(2);
    expect(stdout).toContain("[ 'lo' ]");
    expect(status).toBe(0);
  });
});
