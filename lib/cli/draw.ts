import { type Command, Option } from 'commander';
import { draw, type DrawOptions, type Lab, type Netns, openLab, openNetns } from '..';
import { EXIT, exitAfter, exitCodes } from './exit';
import { isLabFile, nameOfLab, openLabIfThere } from './lab-file';

interface Flags {
  format: NonNullable<DrawOptions['format']>;
}

const EXIT_CODES = {
  [EXIT.OK]: 'the picture was printed',
  [EXIT.COULD_NOT_LOOK]: 'the arguments are wrong, or there is no such lab or namespace',
};

/** Adds `rtnetns draw` to the command line. */
export function addDraw(program: Command): void {
  program
    .command('draw')
    .description('print a picture of a lab, or of namespaces, as they are now')
    .argument('<name...>', 'the name of a lab or its file, or the names of namespaces')
    .addOption(
      new Option('--format <format>', 'what is printed')
        .choices(['text', 'svg', 'dot', 'mermaid'])
        .default('text'),
    )
    .addHelpText('after', '\nWhat has a slash in it, or ends in .yaml, .yml or .json, is a file.')
    .addHelpText('after', exitCodes(EXIT_CODES))
    .action(async (names: string[], { format }: Flags, command: Command) =>
      exitAfter(command, async () => runDraw(names, format)),
    );
}

async function runDraw(names: readonly string[], format: Flags['format']): Promise<number> {
  const [first = ''] = names;
  const lab = names.length === 1 ? await openLabOf(first) : undefined;
  try {
    const drawn = lab === undefined ? await drawNamed(names, format) : await draw(lab, { format });
    console.log(drawn.trimEnd());
  } finally {
    lab?.close();
  }
  return EXIT.OK;
}

/** Undefined for the name of a namespace that is no lab's. A file is a lab's in any case. */
async function openLabOf(given: string): Promise<Lab | undefined> {
  return isLabFile(given) ? openLab(await nameOfLab(given)) : openLabIfThere(given);
}

async function drawNamed(names: readonly string[], format: Flags['format']): Promise<string> {
  const spaces = new Map<string, Netns>();
  try {
    for (const name of new Set(names)) spaces.set(name, await openNetns(name));
    return await draw(Object.fromEntries(spaces), { format });
  } finally {
    for (const netns of spaces.values()) netns.close();
  }
}
