import { readdirSync, readFileSync } from 'node:fs';
import { currentNetns, listLinks, type Netns } from '../../lib';
import { descriptors } from './descriptors';

// After each test there is what there was before it: no namespace, link, mount, descriptor or thread is left.

function names(directory: string): string[] {
  try {
    return readdirSync(directory).sort();
  } catch {
    return [];
  }
}

function ownThreads(): number {
  return names('/proc/self/task').filter((thread) => {
    try {
      return readFileSync(`/proc/self/task/${thread}/comm`, 'utf8').trim() === 'rtnetns';
    } catch {
      return false; // ended since
    }
  }).length;
}

// Identity, root and mount point. Propagation is left out: the first name makes /run/netns shared, as with `ip`.
function mounts(): string[] {
  const lines = readFileSync('/proc/self/mountinfo', 'utf8').trim().split('\n');
  return lines.map((line) => line.split(' ').slice(0, 5).join(' '));
}

// By the kernel's own list (proc_pid_net(5)), because ip(8), a process for each look, takes longer than most tests.
function links(): string[] {
  const [, , ...lines] = readFileSync('/proc/self/net/dev', 'utf8').trimEnd().split('\n');
  return lines.map((line) => line.slice(0, line.indexOf(':')).trim()).sort();
}

function snapshot() {
  return { descriptors: descriptors(), mounts: mounts(), names: names('/run/netns'), links: links() };
}

/** Milliseconds; a look takes a third of a second on a busy user-mode kernel. */
const LONGEST = 20_000;

// The library keeps at most two threads for itself.
const THREADS = 2;

let before: ReturnType<typeof snapshot>;

let own: Netns;

beforeAll(async () => {
  // what the library opens once, and keeps
  own = await currentNetns();
  await listLinks(own);
});

afterAll(() => {
  // at once, not by the finalizer in the midst of another file's test
  own.close();
});

beforeEach(() => {
  before = snapshot();
});

afterEach(async () => {
  // closing the last use of a descriptor, the kernel's taking away of a deleted pair, and the end of a thread take a moment, and
  // seconds on a busy machine
  const deadline = Date.now() + LONGEST;
  const expected = JSON.stringify(before);
  let now = snapshot();
  while (Date.now() < deadline && (JSON.stringify(now) !== expected || ownThreads() > THREADS)) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    now = snapshot();
  }
  expect(now).toEqual(before);
  expect(ownThreads()).toBeLessThanOrEqual(THREADS);
});
