import { isIP } from 'node:net';
import type { Command } from 'commander';
import { checkNetnsName } from '../common/check';
import { EXIT, exitAfter, exitCodes } from './exit';
import { numberOrText } from './number';
import { openNamed } from './open';
import { printJson } from './print';
import { formatTrace, type Netns, openNetns, trace, type TraceProtocol } from '..';

/** The options as the command line has them. */
interface TraceFlags {
  to: string;
  port?: string;
  protocol?: TraceProtocol;
  /** A name in /run/netns, or an address. */
  from?: string;
  json?: true;
}

const EXIT_CODES = {
  [EXIT.OK]: 'the packet was accepted',
  [EXIT.FOUND]: 'the packet was not accepted, or not seen, or not sent',
  [EXIT.COULD_NOT_LOOK]: 'the arguments are wrong, or the packet could not be traced',
};

/** Adds `rtnetns trace` to the command line. */
export function addTrace(program: Command): void {
  program
    .command('trace')
    .description('send one packet and show its path through the nf_tables rules of a namespace')
    .usage('[name] --to <address> [options]')
    .argument('[name]', 'in /run/netns; without one, the current namespace')
    .requiredOption('--to <address>', 'address that the packet is sent to (required)')
    .option('--port <number>', 'port that the packet is sent to (required for tcp and udp)')
    .option(
      '--protocol <name>',
      'protocol of the packet: tcp, udp, icmp (default: tcp with a port, icmp without one)',
    )
    .option(
      '--from <place>',
      'namespace to send the packet from; or an address, to send nothing and show the next packet from there (default: the namespace itself)',
    )
    .option('--json', 'print the trace as JSON')
    .addHelpText('after', '\nWaits two seconds for the packet to come.')
    .addHelpText('after', exitCodes(EXIT_CODES))
    .action(async (name: string | undefined, flags: TraceFlags, command: Command) =>
      exitAfter(command, async () => runTrace(name, flags)),
    );
}

async function runTrace(name: string | undefined, flags: TraceFlags): Promise<number> {
  const { to, port, protocol, from, json } = flags;
  await using host = await openNamed(name);
  await using sender = await openSender(from);
  const found = await trace(host, {
    to,
    ...(port !== undefined && { port: numberOrText(port) }),
    ...(protocol !== undefined && { protocol }),
    ...(from !== undefined && { from: sender ?? from }),
  });
  if (json) printJson(found);
  else console.log(formatTrace(found));
  return found.outcome === 'accepted' ? EXIT.OK : EXIT.FOUND;
}

async function openSender(from: string | undefined): Promise<Netns | undefined> {
  if (from === undefined || isIP(from) !== 0) return undefined;
  checkNetnsName(from, '--from');
  return openNetns(from);
}
