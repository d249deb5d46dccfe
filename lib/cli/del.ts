import type { Command } from 'commander';
import { forEachName } from './each-name';
import { EXIT, exitAfter, exitCodes } from './exit';
import { deleteNetns, type Netns, NetnsError, openNetns } from '..';

const EXIT_CODES = {
  [EXIT.OK]: 'all names were deleted',
  [EXIT.FOUND]: 'a name could not be deleted; the others were',
  [EXIT.COULD_NOT_LOOK]: 'the arguments are wrong: nothing was deleted',
};

/** Adds `rtnetns del` to the command line. */
export function addDel(program: Command): void {
  program
    .command('del')
    .description('delete the names of namespaces, and stale names')
    .argument('<name...>', 'in /run/netns')
    .option('--wait', 'wait until the kernel has freed the namespaces and their devices')
    .addHelpText('after', exitCodes(EXIT_CODES))
    .action(async (names: string[], flags: { wait?: true }, command: Command) =>
      exitAfter(command, async () => runDel(names, flags.wait === true, command), EXIT.FOUND),
    );
}

async function runDel(names: readonly string[], wait: boolean, command: Command): Promise<number> {
  if (!wait) return forEachName(names, command, async (name) => deleteNetns(name));
  const opened: (Netns | string)[] = [];
  const exitCode = await forEachName(names, command, async (name) => {
    opened.push(await openUnlessStale(name));
  });
  await deleteNetns(opened, { wait });
  return exitCode;
}

/** The handle of a namespace; of a stale name, the name, because nothing has to be waited for. */
async function openUnlessStale(name: string): Promise<Netns | string> {
  try {
    return await openNetns(name);
  } catch (error) {
    if (error instanceof NetnsError && error.code === 'ERR_NOT_A_NETNS') return name;
    throw error;
  }
}
