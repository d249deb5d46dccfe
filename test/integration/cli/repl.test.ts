import { spawnSync } from 'node:child_process';
import { listNetns } from '../../../lib';
import { CLI, outside } from '../../support/cli';

/** Types at a terminal, each time that something is on it; prints all that was there, and exits as the command does. */
const TYPIST = `
import json, os, pty, sys
keys, command = json.loads(sys.argv[1]), sys.argv[2:]
pid, terminal = pty.fork()
if pid == 0:
    os.execv(command[0], command)
seen = unread = b''
def more():
    try:
        return os.read(terminal, 65536)
    except OSError: # EIO: the other end is closed
        return b''
for expected, typed in keys:
    while expected.encode() not in unread:
        part = more()
        if not part:
            sys.exit('ended before ' + expected)
        seen += part
        unread += part
    # what comes after it may be here already, and be what the next keys are for
    unread = unread.partition(expected.encode())[2]
    os.write(terminal, typed.encode())
while part := more():
    seen += part
sys.stdout.buffer.write(seen)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
`;

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
    const keys = [
      ['rtnetns> ', 'await new Promise(() => setTimeout(() => console.log("wai" + "ting"), 99))\r'],
      ['waiting', '\x03'],
      ['rtnetns> ', 'console.log("run" + "ning"); while (true);\r'],
      ['running', '\x03'],
      ['rtnetns> ', '(await listLinks(host)).map(({ name }) => name)\r'],
      ["'lo'", ''],
      ['rtnetns> ', '\x04'],
    ];
    const command = [process.execPath, CLI, 'repl'];
    const { status, stdout } = spawnSync('python3', ['-c', TYPIST, JSON.stringify(keys), ...command], {
      encoding: 'utf8',
      env: { ...outside(), NO_COLOR: '1' },
      timeout: 60_000,
    });
    expect(stdout.match(/Script execution was interrupted by `SIGINT`/g)).toHaveLength(2);
    expect(stdout).toContain("[ 'lo' ]");
    expect(status).toBe(0);
  });
});
