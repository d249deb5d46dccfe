import type { Command } from 'commander';
import { printable } from '../common/printable';
import { processesByNetns } from '../common/processes';
import { inColumns } from './columns';
import { EXIT, exitAfter, exitCodes } from './exit';
import { printJson } from './print';
import { currentNetns, getNsid, listLinks, listNetns, type Netns, NetnsError, openNetns } from '..';

/** A line of the list. A stale name has nothing but its name. */
interface Listed {
  name: string;
  stale: boolean;
  /** The number that the namespace has in the current one, where it has one. */
  nsid?: number;
  devices?: number;
  processes?: number;
}

const HEADER = ['NAME', 'ID', 'DEVICES', 'PROCESSES'];

const EXIT_CODES = {
  [EXIT.OK]: 'the names were printed, even if there is none',
  [EXIT.COULD_NOT_LOOK]: 'the arguments are wrong, or a namespace could not be looked at',
};

/** Adds `rtnetns ls` to the command line. */
export function addLs(program: Command): void {
  program
    .command('ls')
    .description('list the named namespaces')
    .option('--json', 'print them as JSON')
    .addHelpText('after', '\nID is the number that a namespace has in the current one.')
    .addHelpText('after', exitCodes(EXIT_CODES))
    .action(async (flags: { json?: true }, command: Command) =>
      exitAfter(command, async () => runLs(flags.json === true)),
    );
}

async function runLs(json: boolean): Promise<number> {
  const here = await currentNetns();
  const named = await listNetns();
  const processes = await processesByNetns();
  const there: Listed[] = [];
  // one after another: each that is open takes descriptors
  for (const { name, stale } of named) {
    const listed = stale ? { name, stale } : await look(here, name, processes);
    if (listed !== undefined) there.push(listed);
  }
  if (json) printJson(there);
  else if (there.length > 0) console.log(inColumns([HEADER, ...there.map(cells)]).join('\n'));
  return EXIT.OK;
}

/** Undefined where the name was deleted since it was listed. */
async function look(
  here: Netns,
  name: string,
  processes: ReadonlyMap<string, number[]>,
): Promise<Listed | undefined> {
  const netns = await openNetns(name).catch(ignoringMissing);
  if (netns === undefined) return undefined;
  try {
    const [nsid, links] = await Promise.all([getNsid(here, netns), listLinks(netns)]);
    const counts = { devices: links.length, processes: processes.get(`net:[${netns.ino}]`)?.length ?? 0 };
    return { name, stale: false, ...(nsid !== undefined && { nsid }), ...counts };
  } finally {
    netns.close();
  }
}

function ignoringMissing(error: unknown): undefined {
  if (!(error instanceof NetnsError && error.code === 'ENOENT')) throw error;
}

function cells({ name, stale, nsid, devices, processes }: Listed): string[] {
  const shown = printable(name);
  return stale ? [shown, 'stale'] : [shown, ...[nsid, devices, processes].map((one) => `${one ?? '-'}`)];
}
