import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { BpfInstruction, Netns } from '../../lib';
import { until } from './ip';

/** dumpcap(1), capturing in a namespace from the moment on when this resolves: tcpdump cannot in a user namespace. */
export async function dumpcap(netns: Netns, ...args: string[]) {
  return netns.lend('run', async ({ fd }) => {
    const inside = [`--net=/proc/${process.pid}/fd/${fd}`, 'dumpcap', '-q', '-w', '-', ...args];
    const child = spawn('nsenter', inside, { stdio: ['ignore', 'pipe', 'pipe'] });
    const exited = once(child, 'close');
    let said = '';
    let written = Buffer.alloc(0);
    child.stderr.on('data', (part: Buffer) => (said += part.toString()));
    child.stdout.on('data', (part: Buffer) => (written = Buffer.concat([written, part])));
    await until(() => said.includes('File: ') || child.exitCode !== null);
    return {
      /** What it has written when that contains all the parts; it is stopped then. */
      async file(...parts: Buffer[]): Promise<Buffer> {
        await until(() => parts.every((part) => written.includes(part)));
        child.kill('SIGINT');
        await exited;
        return written;
      },
      async [Symbol.asyncDispose]() {
        child.kill('SIGKILL');
        await exited;
      },
    };
  });
}

/** A filter as tcpdump compiles it, for packets that begin with that. */
export function compiled(expression: string, begins: 'EN10MB' | 'RAW' = 'EN10MB'): BpfInstruction[] {
  const lines = execFileSync('tcpdump', ['-ddd', '-y', begins, expression], { encoding: 'utf8' })
    .trim()
    .split('\n');
  return lines.slice(1).map((line) => line.split(' ').map(Number) as unknown as BpfInstruction);
}

export interface Frame {
  /** Seconds since 1970, with nine digits behind the point. */
  time: string;
  length: number;
  captured: number;
  bytes: string;
  /** 'eth:ethertype:ip:icmp' */
  protocols: string;
}

interface Json {
  _source: { layers: { frame_raw: [string]; frame: Record<string, string> } };
}

/** What tshark(1) reads in a file. */
export function frames(file: string): Frame[] {
  const output = execFileSync('tshark', ['-r', file, '-n', '-T', 'json', '-x'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    maxBuffer: 2 ** 28,
  });
  return (JSON.parse(output) as Json[]).map(({ _source: { layers } }) => ({
    time: layers.frame['frame.time_epoch']!,
    length: Number(layers.frame['frame.len']),
    captured: Number(layers.frame['frame.cap_len']),
    bytes: layers.frame_raw[0],
    protocols: layers.frame['frame.protocols']!,
  }));
}
