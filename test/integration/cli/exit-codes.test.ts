import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { createNetns } from '../../../lib';
import { CLI, outside, powerless, rtnetns, sandboxed } from '../../support/cli';
import { EXIT_CODE_ROWS } from '../../support/exit-code-rows';
import { copyPackage, shrinkSources } from '../../support/package-copy';
import { partOf } from '../../support/part';

/** What of a process is looked at. */
interface Ended {
  status: number | null;
  stderr: string;
}

/** Runs the command in a network of its own, after a line of the shell. */
function after(line: string, ...args: string[]): Ended {
  return sandboxed('sh', '-euc', `${line}; exec "$0" "$@"`, process.execPath, CLI, ...args);
}

function repl(line: string): Ended {
  return spawnSync(process.execPath, [CLI, 'repl'], { encoding: 'utf8', env: outside(), input: line });
}

/** Runs the command with a title, which replaces its arguments in /proc, so that their bytes are lost. */
function titled(...args: string[]): Ended {
  const command = [process.execPath, '--title=other', CLI, ...args, '\ufffd'];
  return spawnSync(command[0]!, command.slice(1), { encoding: 'utf8', env: outside() });
}

/** Runs the command with a standard output on which there is no space. */
function onFullDisk(...args: string[]): Ended {
  return sandboxed('sh', '-c', 'exec "$0" "$@" > /dev/full', process.execPath, CLI, ...args);
}

/** Ends the command by SIGINT when it has printed something. */
function interrupted(printed: string, ...args: string[]): Ended {
  return interruptedAfter('true', printed, ...args);
}

/** The same, in a sandbox in which something was done before. */
function interruptedAfter(first: string, printed: string, ...args: string[]): Ended {
  const script = `${first}; coproc "$@"; pid=$!; while read -ru "\${COPROC[0]}" line; do
    if [[ $line = *"$0"* ]]; then kill -INT $pid; fi; done; wait $pid`;
  return sandboxed('bash', '-c', script, printed, process.execPath, CLI, ...args);
}

/** Builds in a copy of the package with few sources, with the compilers of a PATH. */
function builds(path: string): Ended {
  using copy = copyPackage('native');
  shrinkSources(copy.directory);
  const command = [process.execPath, join(copy.directory, 'dist/cli/main.js'), 'build'];
  return sandboxed('/usr/bin/env', `PATH=${path}`, ...command);
}

const RED = 'ip netns add red';
const LAB = 'examples/lab.yaml';
const UP = `${process.execPath} ${CLI} up ${LAB} > /dev/null`;
const COUNTS = /^listening on [^\n]*\n\d+ packets received by the kernel, \d+ dropped\n$/;
const SANDBOX_SAYS = /^rtnetns-sandbox: [^\n]*\n$/;
const ONE_LINE = /^rtnetns: [^\n]*\n$/;
const FULL = /^rtnetns: standard output: ENOSPC: no space left on device, write\n$/;

/** Of each row, what exits with its code, and what is printed to standard error: nothing where it is left out. */
const RUNS: Record<string, () => [ended: Ended, stderr?: RegExp][]> = {
  'rtnetns 0': () => [
    [rtnetns('--help')],
    [rtnetns('--version')],
    [rtnetns('help')],
    [rtnetns('trace', '-h')],
  ],
  'rtnetns 2': () => [
    [onFullDisk('--help'), FULL],
    [onFullDisk('--version'), FULL],
    [rtnetns(), /^Usage: rtnetns /],
    [rtnetns('dmeo'), /^rtnetns: unknown command 'dmeo' \(Did you mean demo\?\)\n$/],
    [rtnetns('help', 'dmeo'), /^rtnetns: unknown command 'dmeo' \(Did you mean demo\?\)\n$/],
    [rtnetns('--versio'), /^rtnetns: unknown option '--versio' \(Did you mean --version\?\)\n$/],
  ],
  'add 0': () => [[after('true', 'add', 'red', 'blue')]],
  'add 1': () => [
    [after(RED, 'add', 'red'), /^rtnetns: EEXIST: create namespace red: /],
    [powerless('add', 'red'), ONE_LINE],
  ],
  'add 2': () => [
    [rtnetns('add'), ONE_LINE],
    [rtnetns('add', 'a/b'), ONE_LINE],
    [rtnetns('add', '--x', 'red'), ONE_LINE],
  ],
  'build 0': () => [[builds(process.env['PATH']!), /\ngyp info ok \n$/]],
  'build 1': () => [[builds('/nowhere'), /^rtnetns: to build the addon, install python3, make, g\+\+, gcc /]],
  'build 2': () => [
    [rtnetns('build', 'x'), ONE_LINE],
    [onFullDisk('build', '--help'), FULL],
  ],
  'capture 0': () => [
    [after(`${RED}; ip -n red link set lo up`, 'capture', 'red', 'lo', '--duration', '0'), COUNTS],
  ],
  'capture 1': () => [
    [
      after(RED, 'capture', 'red', '-w', '/nowhere/file'),
      /^listening .*\nrtnetns: ENOENT: .*\n0 packets received/,
    ],
  ],
  'capture 2': () => [
    [rtnetns('capture', 'nobody'), /^rtnetns: ENOENT: open namespace nobody: /],
    [rtnetns('capture'), ONE_LINE],
    [rtnetns('capture', 'red', '--snaplen', '0'), ONE_LINE],
    [after(RED, 'capture', 'red', 'eth0'), /^rtnetns: ENODEV: capture on eth0 in namespace red: /],
    [after(RED, 'capture', 'red', '--snaplen', '0'), /^rtnetns: --snaplen: /],
  ],
  'clean 0': () => [[after(RED, 'clean')], [after('touch /run/netns/red', 'clean', '--yes')]],
  'clean 1': () => [[after('touch /run/netns/red', 'clean')]],
  'clean 2': () => [
    [rtnetns('clean', 'red'), ONE_LINE],
    [onFullDisk('clean', '--help'), FULL],
  ],
  'completion 0': () => [[rtnetns('completion', 'bash')], [rtnetns('completion', 'zsh')]],
  'completion 2': () => [
    [rtnetns('completion', 'fish'), ONE_LINE],
    [rtnetns('completion'), ONE_LINE],
    [onFullDisk('completion', 'bash'), FULL],
  ],
  'del 0': () => [
    [after('ip netns add red; touch /run/netns/blue', 'del', 'red', 'blue')],
    [after('ip netns add red; touch /run/netns/blue', 'del', 'red', 'blue', '--wait')],
  ],
  'del 1': () => [
    [rtnetns('del', 'nobody'), /^rtnetns: ENOENT: delete namespace nobody: /],
    [rtnetns('del', '--wait', 'nobody'), /^rtnetns: ENOENT: open namespace nobody: /],
  ],
  'del 2': () => [
    [rtnetns('del'), ONE_LINE],
    [rtnetns('del', 'a/b'), ONE_LINE],
    [rtnetns('del', '--wait', ''), ONE_LINE],
  ],
  'demo 0': () => [[rtnetns('demo')]],
  'demo 1': () => [[after('ip link add left type veth', 'demo'), /EEXIST/]],
  'demo 2': () => [
    [rtnetns('demo', 'x'), ONE_LINE],
    [rtnetns('demo', '--x'), ONE_LINE],
    [onFullDisk('demo'), FULL],
  ],
  'demo 125': () => [[powerless('demo'), SANDBOX_SAYS]],
  'doctor 0': () => [[after('true', 'doctor')]],
  'doctor 1': () => [[after('ip link set lo down', 'doctor')], [powerless('doctor')]],
  'doctor 2': () => [
    [rtnetns('doctor', 'nobody'), /^rtnetns: ENOENT: open namespace nobody: /],
    [rtnetns('doctor', '--port', '70000'), ONE_LINE],
    [rtnetns('doctor', '--prot', '3'), ONE_LINE],
    [rtnetns('doctor', '--protocol', 'udp'), /^rtnetns: --protocol: it needs the option 'port'/],
    [rtnetns('doctor', 'a', 'b'), ONE_LINE],
    [titled('doctor'), ONE_LINE],
    [onFullDisk('doctor'), FULL],
  ],
  'down 0': () => [[after(UP, 'down', 'shop')], [after(UP, 'down', LAB)]],
  'down 1': () => [
    [rtnetns('down', 'nobody'), /^rtnetns: ERR_LAB_MISSING: /],
    [after(RED, 'down', 'red'), /^rtnetns: ERR_LAB_MISSING: /],
  ],
  'down 2': () => [
    [rtnetns('down'), ONE_LINE],
    [rtnetns('down', 'a', 'b'), ONE_LINE],
    [rtnetns('down', './nothing.yaml'), /^rtnetns: ENOENT: /],
  ],
  'draw 0': () => [[after(UP, 'draw', 'shop')], [after(UP, 'draw', LAB)], [after(RED, 'draw', 'red')]],
  'draw 2': () => [
    [rtnetns('draw'), ONE_LINE],
    [rtnetns('draw', 'nobody'), /^rtnetns: ENOENT: open namespace nobody: /],
    [rtnetns('draw', LAB), /^rtnetns: ERR_LAB_MISSING: /],
    [rtnetns('draw', 'red', '--format', 'png'), ONE_LINE],
  ],
  'exec 125': () => [
    [rtnetns('exec', 'nobody', 'true'), /^rtnetns: ENOENT: open namespace nobody: /],
    [rtnetns('exec', 'red'), ONE_LINE],
    [rtnetns('exec', 'red', '--'), ONE_LINE],
    [rtnetns('exec', '--x', 'red', 'true'), ONE_LINE],
    [titled('--debug', 'exec', 'red', 'echo'), /^rtnetns: an argument holds U\+FFFD, .*--title\n$/],
  ],
  'exec 126': () => [[after(RED, 'exec', 'red', '/etc/passwd'), ONE_LINE]],
  'exec 127': () => [[after(RED, 'exec', 'red', 'no-such-command'), ONE_LINE]],
  'exec other': () => [[after(RED, 'exec', 'red', 'sh', '-c', 'exit 3')]],
  'labs 0': () => [[after('true', 'labs')], [after(UP, 'labs')]],
  'labs 2': () => [
    [rtnetns('labs', 'x'), ONE_LINE],
    [onFullDisk('labs', '--json'), FULL],
  ],
  'ls 0': () => [[after('true', 'ls')], [after('ip netns add red; touch /run/netns/blue', 'ls')]],
  'ls 2': () => [
    [rtnetns('ls', 'x'), ONE_LINE],
    [onFullDisk('ls', '--json'), FULL],
  ],
  'pids 0': () => [[after(RED, 'pids', 'red')]],
  'pids 2': () => [
    [rtnetns('pids', 'nobody'), /^rtnetns: ENOENT: open namespace nobody: /],
    [rtnetns('pids'), ONE_LINE],
  ],
  'ping 0': () => [[after(`${RED}; ip -n red link set lo up`, 'ping', 'red', '127.0.0.1', '-c1')]],
  'ping 1': () => [
    [after(RED, 'ping', 'red', '127.0.0.1', '-c1')],
    [after(`${RED}; ip -n red link set lo up`, 'ping', 'red', '10.9.9.9', '-c1')],
  ],
  'ping 2': () => [
    [rtnetns('ping', 'nobody', '127.0.0.1'), /^rtnetns: ENOENT: open namespace nobody: /],
    [rtnetns('ping', 'red'), ONE_LINE],
    [rtnetns('ping', 'red', '127.0.0.1', '-c', '0'), /^rtnetns: --count: /],
    [after(RED, 'ping', 'red', 'no-such-host.invalid'), /no-such-host\.invalid\n$/],
    [after(RED, 'ping', 'red', '224.0.0.1'), ONE_LINE],
  ],
  'plan 0': () => [[after(UP, 'plan', LAB)]],
  'plan 1': () => [[after('true', 'plan', LAB)], [after(UP, 'plan', LAB, '--name', 'other')]],
  'plan 2': () => [
    [rtnetns('plan'), ONE_LINE],
    [rtnetns('plan', 'nothing.yaml'), /^rtnetns: ENOENT: /],
    [rtnetns('plan', 'package.json'), /^rtnetns: package\.json:\d+: /],
    [onFullDisk('plan', LAB), FULL],
  ],
  'repl 0': () => [[repl("throw new Error('no')")]],
  'repl 2': () => [[rtnetns('repl', 'x'), ONE_LINE]],
  'repl 125': () => [[powerless('repl'), SANDBOX_SAYS]],
  'repl other': () => [[repl('process.exit(3)')]],
  'sandbox 125': () => [
    [powerless('sandbox', 'true'), SANDBOX_SAYS],
    [rtnetns('sandbox'), ONE_LINE],
    [rtnetns('sandbox', '--x', 'true'), ONE_LINE],
    [titled('sandbox', 'echo'), /^rtnetns: an argument holds U\+FFFD, .*--title\n$/],
  ],
  'sandbox 126': () => [[rtnetns('sandbox', '/etc/passwd'), SANDBOX_SAYS]],
  'sandbox 127': () => [[rtnetns('sandbox', 'no-such-command'), SANDBOX_SAYS]],
  'sandbox other': () => [[rtnetns('sandbox', 'sh', '-c', 'exit 3')]],
  'show 0': () => [[after(RED, 'show', 'red')], [powerless('show')]],
  'show 2': () => [
    [rtnetns('show', 'nobody'), /^rtnetns: ENOENT: open namespace nobody: /],
    [rtnetns('show', 'a', 'b'), ONE_LINE],
    [onFullDisk('show'), FULL],
  ],
  'sweep 0': () => [[after('true', 'sweep')], [after(UP, 'sweep', '--json')]],
  'sweep 1': () => [
    [
      sandboxed(
        ...['sh', '-euc', `${RED}; exec setpriv --bounding-set -all "$0" "$@"`],
        ...[process.execPath, CLI, 'sweep'],
      ),
      ONE_LINE,
    ],
  ],
  'sweep 2': () => [
    [rtnetns('sweep', 'x'), ONE_LINE],
    [onFullDisk('sweep', '--json'), FULL],
  ],
  'sysctl 0': () => [[after(RED, 'sysctl', 'red', 'net.ipv4.ip_forward=1', 'net.ipv4.ip_default_ttl')]],
  'sysctl 1': () => [
    [after(RED, 'sysctl', 'red', 'net.ipv4.nothing'), ONE_LINE],
    [after(RED, 'sysctl', 'red', 'net.ipv4.ip_forward=x'), ONE_LINE],
    [rtnetns('sysctl', 'nobody', 'net.ipv4.ip_forward'), /^rtnetns: ENOENT: open namespace nobody: /],
  ],
  'sysctl 2': () => [
    [rtnetns('sysctl', 'red'), ONE_LINE],
    [after(RED, 'sysctl', 'red', 'kernel.pid_max'), ONE_LINE],
    [after(RED, 'sysctl', 'red', '=1'), ONE_LINE],
  ],
  'trace 0': () => [[rtnetns('trace', '--to', '127.0.0.1')]],
  'trace 1': () => [[rtnetns('trace', '--to', '10.9.9.9')]],
  'trace 2': () => [
    [rtnetns('trace', 'nobody', '--to', '127.0.0.1'), /^rtnetns: ENOENT: open namespace nobody: /],
    [onFullDisk('trace', '--to', '127.0.0.1'), FULL],
    [rtnetns('trace'), /^rtnetns: required option '--to <address>' not specified\n$/],
    [rtnetns('trace', '--to', '127.0.0.1', '--protocol', 'udp'), /^rtnetns: --port: udp needs one\n$/],
    [powerless('trace', '--to', '127.0.0.1'), /^rtnetns: EPERM: .*CAP_NET_RAW is missing/],
  ],
  'ui 0': () => [[interruptedAfter(`ip link set lo up; ${UP}`, 'token', 'ui', 'shop')]],
  'ui 2': () => [
    [rtnetns('ui'), ONE_LINE],
    [rtnetns('ui', 'nobody'), /^rtnetns: ERR_LAB_MISSING: /],
    [after(UP, 'ui', 'shop', '--port', '70000'), /^rtnetns: --port: /],
  ],
  'up 0': () => [[after('true', 'up', LAB)], [after(UP, 'up', LAB)]],
  'up 1': () => [
    [after('ip netns add shop', 'up', LAB), /^rtnetns: EEXIST: /],
    [powerless('up', LAB), ONE_LINE],
  ],
  'up 2': () => [
    [rtnetns('up'), ONE_LINE],
    [rtnetns('up', 'nothing.yaml'), /^rtnetns: ENOENT: /],
    [rtnetns('up', LAB, '--name', 'a.b'), /^rtnetns: --name: /],
    [rtnetns('up', 'package.json'), /^rtnetns: package\.json:\d+: /],
  ],
  'watch 0': () => [[interrupted('ready', 'watch')]],
  'watch 2': () => [
    [rtnetns('watch', 'nobody'), /^rtnetns: ENOENT: open namespace nobody: /],
    [rtnetns('watch', '--x'), ONE_LINE],
    [onFullDisk('watch'), FULL],
  ],
};

describe('rtnetns', () => {
  test.each(partOf(EXIT_CODE_ROWS, 3))('%s exits with %s: %s', (command, code) => {
    const runs = RUNS[`${command} ${code}`]!();
    const expected = runs.map(([, stderr = /^$/]) => ({
      status: code === 'other' ? 3 : Number(code),
      stderr: expect.stringMatching(stderr) as string,
    }));
    expect(runs.map(([{ status, stderr }]) => ({ status, stderr }))).toEqual(expected);
  });

  test('a reader that has read enough needs no message', () => {
    const { status, stderr } = sandboxed(
      'bash',
      '-c',
      '"$0" "$1" --help | true; exit ${PIPESTATUS[0]}',
      process.execPath,
      CLI,
    );
    expect({ status, stderr }).toEqual({ status: 2, stderr: '' });
  });

  test('an error names the capability that is missing, and what to do', async () => {
    await using netns = await createNetns('red');
    const remedy = 'run as root, give the process the capability';
    for (const command of [
      ['doctor', 'red'],
      ['trace', 'red', '--to', '127.0.0.1'],
      ['trace', '--to', '127.0.0.1', '--from', 'red'],
    ]) {
      expect(powerless(...command).stderr).toMatch(
        new RegExp(`^rtnetns: EPERM: .* red: CAP_SYS_ADMIN is missing .*: ${remedy}.*\\n$`),
      );
    }
    const here = ['trace', '--to', '127.0.0.1'];
    expect(powerless(...here).stderr).toMatch(
      new RegExp(`: CAP_NET_RAW is missing.*: ${remedy}, or send TCP or UDP to a port \\(socket\\)\\n$`),
    );
    for (const protocol of ['tcp', 'udp']) {
      expect(powerless(...here, '--port', '80', '--protocol', protocol).stderr).toMatch(
        new RegExp(`: CAP_NET_ADMIN is missing in the user namespace .*: ${remedy}.*\\n$`),
      );
    }
    expect(powerless('doctor')).toMatchObject({
      stdout: expect.stringMatching(new RegExp(`CAP_NET_ADMIN is missing .*: ${remedy}`)) as string,
    });
    expect(powerless('sandbox', 'true').stderr).toMatch(/CAP_SETFCAP.*; keep that capability .*\n$/);
    expect(netns.name).toBe('red');
  });

  test('the page has the exit codes that the commands print in their help', () => {
    expect(EXIT_CODE_ROWS.map(([command, code]) => `${command} ${code}`)).toEqual(Object.keys(RUNS));
    for (const command of new Set(EXIT_CODE_ROWS.map(([name]) => name))) {
      const { stdout } = rtnetns(...(command === 'rtnetns' ? [] : [command]), '--help');
      const [, codes = ''] = stdout.split('\nExit codes:\n');
      const printed = codes
        .trimEnd()
        .split('\n')
        .map((line) => line.trim().split(/ {2,}/));
      expect(printed).toEqual(EXIT_CODE_ROWS.filter(([name]) => name === command).map(([, ...row]) => row));
      for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
    }
  });
});
