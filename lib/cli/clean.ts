import { createInterface } from 'node:readline';
import type { Command } from 'commander';
import { forEachName } from './each-name';
import { EXIT, exitAfter, exitCodes } from './exit';
import { currentNetns, deleteNetns, doctor, type Finding, listNetns } from '..';

const EXIT_CODES = {
  [EXIT.OK]: 'there is no stale name, or no longer',
  [EXIT.FOUND]: 'there are stale names: they were listed only, or cannot be removed',
  [EXIT.COULD_NOT_LOOK]: 'the arguments are wrong, or /run/netns could not be looked at',
};

/** Adds `rtnetns clean` to the command line. */
export function addClean(program: Command): void {
  program
    .command('clean')
    .description('list stale names in /run/netns, and remove those that a crash has left behind')
    .option('--yes', 'remove them without a question')
    .addHelpText(
      'after',
      '\nAt a terminal, asks before it removes names. Without a terminal and without\n--yes, only lists them.',
    )
    .addHelpText('after', exitCodes(EXIT_CODES))
    .action(async (flags: { yes?: true }, command: Command) =>
      exitAfter(command, async () => runClean(flags.yes === true, command)),
    );
}

async function runClean(yes: boolean, command: Command): Promise<number> {
  const stale = await findStale();
  if (stale.length === 0) return EXIT.OK;
  for (const { where, what } of stale) console.log(`${where}\n  ${what}`);
  const names = stale.flatMap(({ name }) => name ?? []);
  if (names.length === 0 || !(yes || (await isAgreed(names.length)))) return EXIT.FOUND;
  const exitCode = await forEachName(names, command, removeStale);
  return names.length < stale.length ? EXIT.FOUND : exitCode;
}

/** Those of `doctor`, which knows where else a name may be mounted. */
async function findStale(): Promise<Finding[]> {
  if (!(await listNetns()).some(({ stale }) => stale)) return [];
  const here = await currentNetns();
  try {
    return (await doctor(here)).filter(({ code }) => code === 'stale-name');
  } finally {
    here.close();
  }
}

/** Asks a person; nobody else agrees. Ctrl-C and Ctrl-D are no. */
async function isAgreed(count: number): Promise<boolean> {
  if (!process.stdin.isTTY || !process.stdout.isTTY) return false;
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await new Promise<string>((resolve) => {
    terminal.once('close', () => resolve(''));
    terminal.question(`Remove ${count === 1 ? 'it' : `these ${count}`}? [y/N] `, resolve);
  });
  terminal.close();
  return /^y(es)?$/i.test(answer.trim());
}

/** A namespace may have been given the name while the question was open. */
async function removeStale(name: string): Promise<void> {
  const isStale = (await listNetns()).some((named) => named.name === name && named.stale);
  if (isStale) await deleteNetns(name, { ifMissing: 'ignore' });
}
