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
  .description('look for what keeps packets from passing, in a named namespace or in this one')
  .argument('[name]', 'in /run/netns')
  .option('--port <number>', 'a port that should be reached')
  .option('--protocol <name>', 'of that port: tcp, udp, sctp', 'tcp')
  .option('--json', 'print findings as JSON', false)
  .addHelpText('after', '\nExits with 1 where it found something, with 2 where it could not look.')
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
    `\nExits with the command's own code, or with ${SANDBOX_REFUSED} where the system refuses.`,
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
  .description('show the way of one packet through the rules of a named namespace, or of this one')
  .argument('[name]', 'in /run/netns')
  .requiredOption('--to <address>', 'that it is sent to')
  .option('--port <number>', 'of TCP or UDP; without, it is an echo request')
  .option('--protocol <name>', 'tcp, udp, icmp')
  .option(
    '--from <place>',
    'the namespace to send it from, or an address, of whose packets the next is shown',
  )
  .option('--json', 'print it as JSON', false)
  .addHelpText('after', '\nExits with 1 where it was not accepted.')
  .action(async (name: string | undefined, { to, port, protocol, from, json }: TraceFlags) => {
    const packet = { to, ...(port !== undefined && { port: Number(port) }), ...(protocol && { protocol }) };
    process.exitCode = await runTrace({ name, from, json, ...packet });
  });

program.parseAsync().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
