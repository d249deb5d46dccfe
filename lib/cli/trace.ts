import { isIP } from 'node:net';
import type { Command } from 'commander';
import { printJson } from './print';
import { currentNetns, formatTrace, type Netns, openNetns, trace, type TraceProtocol } from '..';

/** The options as the command line has them. */
interface TraceFlags {
  to: string;
  port?: string;
  protocol?: TraceProtocol;
  /** A name in /run/netns, or an address. */
  from?: string;
  json: boolean;
}

/** Adds `rtnetns trace` to the command line. */
export function addTrace(program: Command): void {
  program
    .command('trace')
    .description('send one packet and show its path through the nf_tables rules of a namespace')
    .argument('[name]', 'in /run/netns; without one, the current namespace')
    .requiredOption('--to <address>', 'address that the packet is sent to')
    .option('--port <number>', 'port of TCP or UDP; without one, the packet is an echo request')
    .option('--protocol <name>', 'protocol of the packet: tcp, udp, icmp')
    .option(
      '--from <place>',
      'namespace to send the packet from; or an address, to show the next packet from there',
    )
    .option('--json', 'print the trace as JSON', false)
    .addHelpText('after', '\nExits with 0 if the packet was accepted, with 1 otherwise.')
    .action(async (name: string | undefined, flags: TraceFlags) => {
      process.exitCode = await runTrace(name, flags);
    });
}

async function runTrace(name: string | undefined, flags: TraceFlags): Promise<number> {
  const { to, port, protocol, from, json } = flags;
  await using host = name === undefined ? await currentNetns() : await openNetns(name);
  await using sender = await openSender(from);
  const found = await trace(host, {
    to,
    ...(port !== undefined && { port: Number(port) }),
    ...(protocol !== undefined && { protocol }),
    ...(from !== undefined && { from: sender ?? from }),
  });
  if (json) printJson(found);
  else console.log(formatTrace(found));
  return found.outcome === 'accepted' ? 0 : 1;
}

async function openSender(from: string | undefined): Promise<Netns | undefined> {
  return from === undefined || isIP(from) !== 0 ? undefined : openNetns(from);
}
