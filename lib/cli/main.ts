#!/usr/bin/env node
import { createRequire } from 'node:module';
import { Command } from 'commander';
import { addDemo } from './demo';
import { addDoctor } from './doctor';
import { printError } from './print';
import { addRepl } from './repl';
import { addSandbox } from './sandbox';
import { addTrace } from './trace';

const { version } = createRequire(__filename)('../../package.json') as { version: string };

const program = new Command('rtnetns')
  .description('Linux network namespaces over rtnetlink')
  .version(version)
  // so that the options of a sandboxed command are its own
  .enablePositionalOptions();

for (const add of [addDemo, addDoctor, addRepl, addSandbox, addTrace]) add(program);

program.parseAsync().catch((error: unknown) => {
  printError(error);
  process.exitCode = 1;
});
