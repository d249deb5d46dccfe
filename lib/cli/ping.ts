import { isIP } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import type { Command } from 'commander';
import { printable } from '../common/printable';
import { EXIT, exitAfter, exitCodes } from './exit';
import { interruption } from './interruption';
import { countOf, seconds } from './number';
import { header, PingSummary, replyLine } from './ping-lines';
import { type Netns, openNetns, ping, resolve } from '..';

/** The options as the command line has them. */
interface PingFlags {
  count?: string;
  interval: string;
  timeout: string;
}

interface Schedule {
  count: number;
  /** Milliseconds. */
  interval: number;
  timeout: number;
}

const EXIT_CODES = {
  [EXIT.OK]: 'at least one request was answered',
  [EXIT.FOUND]: 'no request was answered',
  [EXIT.COULD_NOT_LOOK]: 'the arguments are wrong, or the ping could not begin',
};

/** Adds `rtnetns ping` to the command line. */
export function addPing(program: Command): void {
  program
    .command('ping')
    .description('send echo requests from a namespace, as ping(8) does')
    .argument('<name>', 'in /run/netns')
    .argument('<host>', 'an address, or a name that is looked up in the namespace')
    .option('-c, --count <number>', 'requests to send (default: until Ctrl-C)')
    .option('-i, --interval <seconds>', 'from one request to the next', '1')
    .option('-W, --timeout <seconds>', 'to wait for the answer to each request', '10')
    .addHelpText('after', exitCodes(EXIT_CODES))
    .action(async (name: string, host: string, flags: PingFlags, command: Command) =>
      exitAfter(command, async () => runPing(name, host, flags)),
    );
}

async function runPing(name: string, host: string, flags: PingFlags): Promise<number> {
  const schedule = {
    count: flags.count === undefined ? Infinity : countOf(flags.count, '--count'),
    interval: seconds(flags.interval, '--interval'),
    timeout: seconds(flags.timeout, '--timeout'),
  };
  await using netns = await openNetns(name);
  const address = isIP(host) === 0 ? await lookUp(netns, host) : host;
  using interrupted = interruption();
  console.log(printable(header(host, address)));
  const summary = await sendAll(netns, address, schedule, interrupted.signal);
  console.log(summary.lines(host).map(printable).join('\n'));
  return summary.received > 0 ? EXIT.OK : EXIT.FOUND;
}

async function lookUp(netns: Netns, host: string): Promise<string> {
  const [first] = await resolve(netns, host);
  return first?.address ?? host;
}

/** Sends a request each interval, answered or not, and prints each answer when it comes. */
async function sendAll(
  netns: Netns,
  address: string,
  { count, interval, timeout }: Schedule,
  interrupted: AbortSignal,
): Promise<PingSummary> {
  const summary = new PingSummary();
  const failed = new AbortController();
  const signal = AbortSignal.any([interrupted, failed.signal]);
  const waiting = new Set<Promise<void>>();
  const send = async (sequence: number) => {
    try {
      const { packets } = await ping(netns, address, { timeout, signal });
      for (const packet of packets) {
        summary.add(packet);
        const line = replyLine(address, sequence, packet);
        if (line !== undefined) console.log(printable(line));
      }
    } catch (error) {
      if (!signal.aborted) failed.abort(error);
    }
  };
  for (let sequence = 1; sequence <= count && !signal.aborted; sequence++) {
    summary.sent++;
    const sending = send(sequence).finally(() => waiting.delete(sending));
    waiting.add(sending);
    if (sequence < count) await wait(interval, undefined, { signal }).catch(() => undefined); // which the loop sees
  }
  await Promise.all(waiting);
  failed.signal.throwIfAborted();
  return summary;
}
