#!/usr/bin/env node
import { Command } from 'commander';
import type { PublishProtocol, TraceProtocol } from '..';
import { demo } from './demo';
import { runDoctor } from './doctor';
import { runRepl } from './repl';
import { runSandbox, SANDBOX_REFUSED } from './sandbox';
import { runTrace } from './trace';

interface DoctorFlags {
  port?: string;
  protocol: PublishProtocol;
  json: boolean;
}

const program = new Command('rtnetns')
  .description('Linux network namespaces over rtnetlink')
  // so that the options of a sandboxed command are its own
  .enablePositionalOptions();

program
  .command('demo')
  .description('walk through namespaces, veth pairs, addresses, routes and a bridge, in a sandbox')
  .action(async () => {
    process.exitCode = await demo();
  });

program
  .command('doctor')
  .description('list what keeps packets from passing in a namespace')
  .argument('[name]', 'in /run/netns; without one, the current namespace')
  .option('--port <number>', 'also check whether this port of the namespace can be reached')
  .option('--protocol <name>', 'protocol of that port: tcp, udp, sctp', 'tcp')
  .option('--json', 'print the findings as JSON', false)
  .addHelpText(
    'after',
    '\nExits with 0 if it found nothing, with 1 if it found something, with 2 if it could not look.',
  )
  .action(async (name: string | undefined, { port, protocol, json }: DoctorFlags) => {
    const ask = { protocol, ...(port !== undefined && { port: Number(port) }) };
    process.exitCode = await runDoctor({ name, ask, json });
  });

program
  .command('repl')
  .description('open a prompt in a sandbox, with all functions of the library and `host`, its namespace')
  .addHelpText('after', '\n`await` works at the prompt. Ctrl-D leaves it.')
  .action(async () => {
    process.exitCode = await runRepl();
  });

program
  .command('sandbox')
  .description('run a command in a network of its own, where the caller is root')
  .usage('-- COMMAND [ARGUMENT...]')
  .argument('<command...>')
  .passThroughOptions()
  .addHelpText(
    'after',
    `\nExits with the command's own code, or with ${SANDBOX_REFUSED} if the system refuses the sandbox.`,
  )
  .action(async (command: string[]) => {
    process.exitCode = await runSandbox(command);
  });

interface TraceFlags {
  to: string;
  port?: string;
  protocol?: TraceProtocol;
  from?: string;
  json: boolean;
}

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
  .action(async (name: string | undefined, { to, port, protocol, from, json }: TraceFlags) => {
    const packet = { to, ...(port !== undefined && { port: Number(port) }), ...(protocol && { protocol }) };
    process.exitCode = await runTrace({ name, from, json, ...packet });
  });

program.parseAsync().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
