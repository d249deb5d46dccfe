import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** `ip` or `bridge` with the answer parsed. It is the referee: no contender of ours checks itself. */
export function json<T>(program: 'ip' | 'bridge', ...args: string[]): T[] {
  const text = execFileSync(program, ['-j', ...args], { encoding: 'utf8', maxBuffer: 1 << 28 });
  return (text.trim() ? JSON.parse(text) : []) as T[];
}

export function ipBatch(lines: readonly string[]): void {
  execFileSync('ip', ['-batch', '-'], {
    input: lines.join('\n') + '\n',
    stdio: ['pipe', 'ignore', 'inherit'],
  });
}

/** Names of the devices here, from a file that takes no RTNL lock: asking does not delay what is measured. */
export function devices(): string[] {
  const lines = fs.readFileSync('/proc/self/net/dev', 'utf8').trim().split('\n').slice(2);
  return lines.map((line) => line.slice(0, line.indexOf(':')).trim());
}

/** Resolves when none but these devices are left. */
export async function untilOnly(kept: readonly string[], timeoutMs = 30_000): Promise<void> {
  const known = new Set(kept);
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const left = devices().filter((name) => !known.has(name));
    if (left.length === 0) return;
    if (Date.now() > deadline)
      throw new Error(`${String(left.length)} devices are still there: ${left[0] ?? ''}`);
    await sleep(1);
  }
}

/**
 * Resolves when the kernel has no clean-up left to do. Namespaces are freed by one ordered work queue, so one that
 * is deleted now is freed after all that were deleted before: wait for the link that lives in it.
 */
export async function settle(): Promise<void> {
  const before = devices();
  ipBatch(['netns add bench-settle', 'link add bench-settle type veth peer name eth0 netns bench-settle']);
  ipBatch(['netns del bench-settle']);
  await untilOnly(before);
}

/** After a failure: removes all that a contender can have left, for the next one's sake. */
export async function rescue(): Promise<void> {
  const names = fs.existsSync('/run/netns') ? fs.readdirSync('/run/netns') : [];
  ipBatch(names.map((name) => `netns del ${name}`));
  await sleep(100);
  const left = devices().filter((name) => name !== 'lo');
  const lines = left.map((name) => `link del ${name}\n`).join('');
  spawnSync('ip', ['-force', '-batch', '-'], { input: lines }); // a peer has gone with its pair: no error
  await untilOnly(['lo']);
}
