#!/usr/bin/env node
import { Command } from 'commander';
import { demo } from './demo';
import { runSandbox, SANDBOX_REFUSED } from './sandbox';

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
