#!/usr/bin/env node
import { Command } from 'commander';
import type { PublishProtocol } from '..';
import { demo } from './demo';
import { runDoctor } from './doctor';
import { runSandbox, SANDBOX_REFUSED } from './sandbox';

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
  .addHelpText('after', '\nExits with 1 where it found something.')
  .action(async (name: string | undefined, { port, protocol, json }: DoctorFlags) => {
    const ask = { protocol, ...(port !== undefined && { port: Number(port) }) };
    process.exitCode = await runDoctor({ name, ask, json });
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

program.parseAsync().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
