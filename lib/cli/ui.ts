import { once } from 'node:events';
import type { Command } from 'commander';
import { openLab, serveLab } from '..';
import { EXIT, exitAfter, exitCodes } from './exit';
import { interruption } from './interruption';
import { nameOfLab } from './lab-file';
import { numberOrText } from './number';
import { printJson } from './print';

interface Flags {
  port?: string;
  json?: true;
}

const EXIT_CODES = {
  [EXIT.OK]: 'ended by SIGINT or SIGTERM',
  [EXIT.COULD_NOT_LOOK]: 'the arguments are wrong, there is no such lab, or the port is taken',
};

/** Adds `rtnetns ui` to the command line. */
export function addUi(program: Command): void {
  program
    .command('ui')
    .description('serve a page on 127.0.0.1 that shows a lab live, with buttons to break and to mend it')
    .argument('<name>', 'the name of the lab, or its file')
    .option('--port <number>', 'the port, which is otherwise a free one')
    .option('--json', 'print the URL as JSON')
    .addHelpText('after', '\nPrints the URL, and goes on until Ctrl-C. Whoever has it can change the lab.')
    .addHelpText('after', 'What has a slash in it, or ends in .yaml, .yml or .json, is a file.')
    .addHelpText('after', exitCodes(EXIT_CODES))
    .action(async (name: string, flags: Flags, command: Command) =>
      exitAfter(command, async () => runUi(name, flags)),
    );
}

async function runUi(given: string, { port, json }: Flags): Promise<number> {
  using interrupted = interruption();
  const lab = await openLab(await nameOfLab(given));
  try {
    await using view = await serveLab(lab, port === undefined ? {} : { port: numberOrText(port) });
    if (json === true) printJson({ url: view.url });
    else console.log(view.url);
    if (!interrupted.signal.aborted) await once(interrupted.signal, 'abort');
  } finally {
    lab.close();
  }
  return EXIT.OK;
}
