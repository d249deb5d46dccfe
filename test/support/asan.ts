import { join } from 'node:path';

// Under asan.sh, what tests start has the sanitizers' runtime only if it is node: requirements.ts has taken it out of
// the environment that all inherit.
if (process.env['RTNETNS_PRELOAD'] !== undefined) process.execPath = join(__dirname, 'asan-node.sh');
