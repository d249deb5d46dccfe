import type { Command } from 'commander';
import { printable } from '../common/printable';
import { EXIT, exitAfter, exitCodes } from './exit';
import { printJson } from './print';
import { getSysctl, openNetns, setSysctl } from '..';

const EXIT_CODES = {
  [EXIT.OK]: 'the values were printed, or set and printed',
  [EXIT.FOUND]: 'a sysctl could not be read or set, or the namespace not be opened',
  [EXIT.COULD_NOT_LOOK]: 'the arguments are wrong: nothing was set',
};

/** Adds `rtnetns sysctl` to the command line. */
export function addSysctl(program: Command): void {
  program
    .command('sysctl')
    .description('print and set sysctls of a namespace')
    .argument('<name>', 'in /run/netns')
    .argument('<sysctl...>', 'KEY to print it, KEY=VALUE to set it: net.ipv4.ip_forward=1')
    .option('--json', 'print the values as JSON')
    .addHelpText(
      'after',
      '\nReads values before it sets others. Where one of the sysctls does not exist or\ncannot be written, none is set.',
    )
    .addHelpText('after', exitCodes(EXIT_CODES))
    .action(async (name: string, words: string[], flags: { json?: true }, command: Command) =>
      exitAfter(command, async () => runSysctl(name, words, flags.json === true), EXIT.FOUND),
    );
}

async function runSysctl(name: string, words: readonly string[], json: boolean): Promise<number> {
  const wanted = words.map(parse);
  const assigned = wanted.flatMap(({ key, value }) => (value === undefined ? [] : [[key, value] as const]));
  await using netns = await openNetns(name);
  const asked = wanted.filter(({ value }) => value === undefined).map(({ key }) => key);
  const read = asked.length === 0 ? {} : await getSysctl(netns, asked);
  // after that, so that nothing is set where a key is wrong
  if (assigned.length > 0) await setSysctl(netns, Object.fromEntries(assigned));
  const values = wanted.map(({ key, value }) => [key, value ?? read[key] ?? ''] as const);
  if (json) printJson(Object.fromEntries(values));
  else for (const [key, value] of values) console.log(printable(`${key} = ${value}`.replaceAll('\t', ' ')));
  return EXIT.OK;
}

/** 'KEY' or 'KEY=VALUE'. A key has no '='; a value may. */
function parse(word: string): { key: string; value?: string } {
  const end = word.indexOf('=');
  return end < 0 ? { key: word } : { key: word.slice(0, end), value: word.slice(end + 1) };
}
