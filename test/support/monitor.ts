import type { Netns } from '../../lib';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { run, until } from './ip';

// What `nft monitor trace` tells of packets: somebody else's account of their way.

export interface MonitorStep {
  table: string;
  chain: string;
  kind: string;
  /** The rule, or the policy. */
  text: string;
  verdict: string;
}

const NFTRACE_BIT = 1 << (9 - 1); // NFNLGRP_NFTRACE

/** Whether a process listens: nft itself says nothing of it. */
async function isListening(netns: Netns, pid: number): Promise<boolean> {
  const lines = (await run(netns, 'cat', '/proc/net/netlink'))
    .split('\n')
    .map((line) => line.trim().split(/\s+/));
  return lines.some(
    ([, protocol, port, groups]) =>
      protocol === '12' && Number(port) === pid && (parseInt(groups ?? '0', 16) & NFTRACE_BIT) !== 0,
  );
}

/** Runs it in a namespace, as long as it is used. */
export async function monitor(netns: Netns) {
  return netns.lend('monitor', async ({ fd }) => {
    const args = [`--net=/proc/${process.pid}/fd/${fd}`, 'nft', 'monitor', 'trace'];
    const child = spawn('nsenter', args, { stdio: ['ignore', 'pipe', 'inherit'] });
    const exited = once(child, 'close');
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (part: string) => (output += part));
    await until(async () => isListening(netns, child.pid!));
    return {
      /** All of the packet's steps, up to the hook where it is accepted (the chain of trace() is the last one there), or dropped. */
      async steps(end: 'input' | 'postrouting' | undefined): Promise<MonitorStep[]> {
        const accepted = new RegExp(`^trace id .* rtnetns-trace-\\S+ ${end} policy accept *\n`, 'm');
        await until(() => accepted.test(output) || parse(output).some(({ verdict }) => verdict === 'drop'));
        return parse(output);
      },
      async [Symbol.asyncDispose]() {
        child.kill('SIGKILL');
        await exited;
      },
    };
  });
}

function parse(output: string): MonitorStep[] {
  return output.split('\n').flatMap((line) => {
    const found = /^trace id \S+ (\S+ \S+) (\S+) (rule|policy|verdict) (.*)$/.exec(line.trim());
    const [, table = '', chain = '', kind = '', rest = ''] = found ?? [];
    if (table === '' || table.includes('rtnetns-trace-')) return [];
    // the end of a chain, which nft prints on 5.10 only
    if (kind === 'verdict' && rest.trim() === 'continue') return [];
    const [, text = rest, verdict = rest] = /^(.*) \(verdict (.*)\)$/.exec(rest) ?? [];
    // so nft prints a return on 5.10
    const named = kind === 'verdict' ? verdict.trim() : kind;
    return [{ table, chain, kind: named, text: kind === 'rule' ? text : '', verdict }];
  });
}
