import type { Netns } from '../../lib';
import { run } from './ip';

// What does not answer, without a firewall, which some kernels lack.

/** Whoever asks this TCP port of the namespace gets no answer: neither a connection, nor a refusal. */
export async function silencePort(netns: Netns, port: number): Promise<void> {
  for (const family of ['-4', '-6']) {
    const rule = ['pref', '1', 'ipproto', 'tcp', 'sport', String(port), 'blackhole'];
    await run(netns, 'ip', family, 'rule', 'add', ...rule);
  }
}

export async function unsilencePort(netns: Netns): Promise<void> {
  for (const family of ['-4', '-6']) await run(netns, 'ip', family, 'rule', 'del', 'pref', '1');
}

/** Nobody has this address, and nobody on the link is asked who has it. */
export async function silenceAddress(netns: Netns, device: string, address: string): Promise<void> {
  await run(netns, 'ip', 'neigh', 'add', address, 'lladdr', '02:00:00:00:00:77', 'dev', device);
}
