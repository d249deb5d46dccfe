import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AddressPool } from '../../lib';
import { run } from './ip';

export const subnet = '10.0.0.0/16';

export const indexes = (count: number) => Array.from({ length: count }, (_, i) => i);

/** Makes a directory for each test, and removes it. The file is that of the subnet's pool. */
export function eachInDirectory(use: (directory: string, file: string) => void): void {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'rtnetns-pool-'));
    use(directory, join(directory, '10.0.0.0-16.pool'));
  });
  afterEach(() => {
    rmSync(directory, { recursive: true });
  });
}

/** So many, all of them asked for at once. */
export async function fill(pool: AddressPool, count: number, name = 'owner'): Promise<string[]> {
  return Promise.all(indexes(count).map(async (i) => pool.allocate({ owner: `${name} ${i}` })));
}

/** What somebody else reads in the file: owners by address. */
export async function pythonReads(file: string): Promise<unknown> {
  const source = `
import json, sys, zlib
lines = open(sys.argv[1], 'rb').read().split(b'\\n')
assert lines.pop() == b''
owners = {}
for line in lines[1:]:
    assert int(line[:8], 16) == zlib.crc32(line[9:])
    for kind, *row in json.loads(line[9:]):
        if kind == 'take': owners[row[0]] = row[1]
        if kind == 'free': del owners[row[0]]
print(json.dumps([json.loads(lines[0][9:]), owners]))`;
  return JSON.parse(await run(undefined, 'python3', '-c', source, file));
}
