import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { createNetns, type Netns, setLink } from '../../../lib';
import { CLI, outside, powerless, rtnetns } from '../../support/cli';
import { lines } from '../../support/lines';
import { run } from '../../support/ip';
import { linked, netnsWithPair } from '../../support/namespaces';

/** Starts a capture, and resolves when it has begun. */
async function startCapture(...args: string[]) {
  const child = spawn(process.execPath, [CLI, 'capture', ...args], { env: outside() });
  const printed = text(child.stdout);
  const closed = once(child, 'close');
  let errors = '';
  await new Promise<void>((resolve) => {
    child.stderr.on('data', (data: Buffer) => {
      errors += data.toString();
      if (errors.includes('\n')) resolve();
    });
  });
  return {
    kill: (signal: NodeJS.Signals) => child.kill(signal),
    async end() {
      const [status] = (await closed) as [number | null];
      return { status, stdout: await printed, stderr: errors };
    },
  };
}

/** What tcpdump prints of a file, but for what our lines leave out. */
async function tcpdump(file: string): Promise<string[]> {
  const printed = await run(undefined, 'tcpdump', '-nr', file);
  return lines(printed).map((line) =>
    line
      .replace(/(Flags \[\S+\]), .*(, length \d+)$/, '$1$2')
      .replace(/(neighbor \w+), (who has|tgt is) \S+,/, '$1,')
      .replace(/ICMP \S+ udp port \d+ unreachable/, 'ICMP unreachable, code 3'),
  );
}

const directory = mkdtempSync(join(tmpdir(), 'rtnetns-capture-'));
const file = join(directory, 'file.pcap');

const CONNECT = `
import socket
try:
    socket.create_connection(('10.0.1.2', 81), 1)
except OSError:
    pass
socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'12345', ('10.0.1.2', 82))`;

/** Of all sorts: ten packets of IPv4 and ARP. */
async function traffic(red: Netns): Promise<void> {
  await run(red, 'ping', '-qc1', '10.0.1.2');
  await run(red, 'python3', '-c', CONNECT);
  await run(red, 'ping', '-qc1', '10.0.1.2');
}

describe('rtnetns capture', () => {
  afterAll(() => rmSync(directory, { recursive: true }));

  test('prints lines that tcpdump prints of the file that it writes', async () => {
    await using pair = await linked({ names: ['red', 'blue'], addrs: ['10.0.1.#/24'], addrGenMode: 'none' });
    const printing = await startCapture('red', 'eth0', '-c', '10');
    const writing = await startCapture('red', 'eth0', '-c', '10', '-w', file);
    await traffic(pair.red);
    const stderr = expect.stringMatching(
      /^listening on eth0\n1\d packets received by the kernel, 0 dropped\n$/,
    ) as string;
    expect(await writing.end()).toEqual({ status: 0, stdout: '', stderr });
    const { stdout, ...rest } = await printing.end();
    expect(rest).toEqual({ status: 0, stderr });
    const ours = lines(stdout).map((line) => line.replace(/ eth0 (in|out|bcast) /, ' '));
    expect(ours).toEqual(await tcpdump(file));
    expect(stdout).toMatch(/ eth0 out IP 10\.0\.1\.1\.\d+ > 10\.0\.1\.2\.81: Flags \[S\], length 0\n/);
    expect(stdout).toMatch(
      / eth0 in IP 10\.0\.1\.2 > 10\.0\.1\.1: ICMP echo reply, id \d+, seq 1, length 64\n/,
    );
  });

  test('prints IPv6, and the device where all are captured', async () => {
    await using pair = await linked({ names: ['red', 'blue'], addrs: ['fd00::#/64'], addrGenMode: 'none' });
    const program = join(directory, 'echo');
    writeFileSync(
      program,
      await run(undefined, 'tcpdump', '-ddd', '-y', 'RAW', 'ip6[40] = 128 or ip6[40] = 129'),
    );
    const printing = await startCapture('red', '-c', '2', '--filter', program);
    const writing = await startCapture('red', '-c', '2', '--filter', program, '-w', file);
    await run(pair.red, 'ping', '-qc1', 'fd00::2');
    await writing.end();
    const { stdout } = await printing.end();
    const theirs = (await tcpdump(file)).map((line) => line.replace(/ \S+ +(In|Out) +/, ' '));
    expect(lines(stdout).map((line) => line.replace(/ eth0 (in|out) /, ' '))).toEqual(theirs);
  });

  test('writes to standard output what tshark reads, until SIGINT', async () => {
    await using red = await createNetns('red');
    await setLink(red, 'lo', { up: true });
    const script = 'exec "$0" "$@" > "$FILE"';
    const command = [script, process.execPath, CLI, 'capture', 'red', 'lo', '-w', '-'];
    const child = spawn('sh', ['-c', ...command], { env: { ...outside(), FILE: file } });
    await once(child.stderr, 'data');
    await run(red, 'ping', '-qc2', '-i0.01', '127.0.0.1');
    const errors = text(child.stderr);
    child.kill('SIGINT');
    expect(await once(child, 'close')).toEqual([0, null]);
    // the kernel hands over a packet on lo as it goes out, too
    expect(await errors).toBe('8 packets received by the kernel, 0 dropped\n');
    const read = await run(undefined, 'tshark', '-Tfields', '-eicmp.type', '-r', file);
    expect(read).toBe('8\n0\n8\n0\n');
  });

  test('takes a filter, a length and a duration', async () => {
    await using red = await createNetns('red');
    await setLink(red, 'lo', { up: true });
    const program = join(directory, 'program');
    writeFileSync(program, await run(undefined, 'tcpdump', '-ddd', '-y', 'EN10MB', 'icmp[0] = 0'));
    const options = ['--filter', program, '--snaplen', '34', '--duration', '1'];
    const writing = await startCapture('red', 'lo', '-w', file, ...options);
    const printing = await startCapture('red', 'lo', ...options);
    await run(red, 'ping', '-qc2', '-i0.01', '127.0.0.1');
    expect(await writing.end()).toMatchObject({ status: 0 });
    // 24 bytes of the file, and for each packet 16 and what was asked for
    expect(readFileSync(file)).toHaveLength(24 + 2 * (16 + 34));
    const { stdout, stderr } = await printing.end();
    expect(stderr).toContain('\n4 packets received by the kernel, 0 dropped\n');
    expect(lines(stdout)).toHaveLength(2);
    expect(stdout).toMatch(/ lo in \[cut or malformed, EtherType 0x0800\], length 98\n/);
  });

  test('ends with 1 where the device goes down', async () => {
    await using red = await createNetns('red');
    await setLink(red, 'lo', { up: true });
    const printing = await startCapture('red', 'lo');
    await setLink(red, 'lo', { up: false });
    const { status, stderr } = await printing.end();
    expect(stderr).toMatch(
      /^listening on lo\nrtnetns: ENETDOWN: [^\n]*\n0 packets received by the kernel, 0 dropped\n$/,
    );
    expect(status).toBe(1);
  });

  test.each([
    [['nobody'], /^rtnetns: ENOENT: open namespace nobody: /],
    [
      ['red', 'e\x1b[31m'],
      /^rtnetns: ENODEV: capture on e\\x1b\[31m in namespace red: there is no such device\n$/,
    ],
    [['red', 'lo', '--count', '0'], /^rtnetns: --count: expected a positive integer, got "0"\n$/],
    [['red', 'lo', '--buffer', 'x'], /^rtnetns: --buffer: expected an integer from 1 to \d+, got "x"\n$/],
    [
      ['red', 'lo', '--filter', '/etc/hostname'],
      /^rtnetns: --filter: expected a program as 'tcpdump -ddd' prints it/,
    ],
    [['red', '--promiscuous'], /^rtnetns: --promiscuous: it is for one device, got none\n$/],
  ])('refuses %j', async (args, message) => {
    await using red = await createNetns('red');
    const { status, stdout, stderr } = rtnetns('capture', ...args);
    expect(stderr).toMatch(message);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(red.name).toBe('red');
  });

  test('a hostile name of a device, and a missing capability', async () => {
    await using red = await netnsWithPair('red', { up: true, addrGenMode: 'none' }, ['e\x1b[31m', 'eth1']);
    await run(red, 'ip', 'addr', 'add', '10.0.0.1/24', 'dev', 'e\x1b[31m');
    const printing = await startCapture('red', '-c', '1');
    await run(red, 'sh', '-c', 'ping -qc1 -W0.1 10.0.0.2 || true');
    const { stdout } = await printing.end();
    expect(stdout).toMatch(
      /^\S+ e\\x1b\[31m out ARP, Request who-has 10\.0\.0\.2 tell 10\.0\.0\.1, length 28\n$/,
    );
    expect(powerless('capture', 'red').stderr).toMatch(
      /^rtnetns: EPERM: .*red: CAP_\w+ is missing [^\n]*\n$/,
    );
  });
});
