import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export type Noun = 'link' | 'bridge' | 'dummy' | 'vlan' | 'address' | 'route' | 'neighbor' | 'rule' | 'nsid';

/** What a command sent, and what came back besides a bare success: whole messages, sequence and port id zeroed. */
export interface Capture {
  command: string;
  request: Buffer;
  reply: Buffer[];
}

interface Recorded {
  captures: { command: string; request: string; reply?: string[] }[];
}

/** What capture.mjs has recorded. */
export function captures(noun: Noun): Capture[] {
  const recorded = JSON.parse(readFileSync(join(__dirname, `${noun}.json`), 'utf8')) as Recorded;
  return recorded.captures.map(({ command, request, reply = [] }) => ({
    command,
    request: Buffer.from(request, 'hex'),
    reply: reply.map((message) => Buffer.from(message, 'hex')),
  }));
}

/** Of a command that is there twice, the one that was refused comes second. */
export function capture(noun: Noun, command: string): Capture {
  const found = captures(noun).filter((one) => one.command === command);
  if (found.length === 0) throw new Error(`no '${command}' in ${noun}.json`);
  return found[found.length - 1]!;
}

/** What a command of nft sent between the beginning and the end of its transaction, or what it was told. */
export interface NftCapture {
  command: string;
  request: Buffer[];
  reply: Buffer[];
}

export function nftCaptures(): NftCapture[] {
  const recorded = JSON.parse(readFileSync(join(__dirname, 'nft.json'), 'utf8')) as {
    captures: { command: string; request: string[]; reply?: string[] }[];
  };
  const decoded = (list: readonly string[]) => list.map((message) => Buffer.from(message, 'hex'));
  return recorded.captures.map(({ command, request, reply = [] }) => ({
    command,
    request: decoded(request),
    reply: decoded(reply),
  }));
}
