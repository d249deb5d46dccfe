import { styleText } from 'node:util';
import type { Command } from 'commander';
import { printable } from '../common/printable';
import { inColumns } from './columns';
import { EXIT, exitAfter, exitCodes } from './exit';
import { openNamed } from './open';
import { printJson } from './print';
import { addrWords, kindWords, type NameOf, namesOf, routeWords, ruleWords, stateOf } from './words';
import { type Addr, type Link, listAddrs, listLinks, listRoutes, listRules, type Route, type Rule } from '..';

/** What the page has, and what `--json` prints. */
interface Shown {
  name?: string;
  ino: number;
  links: (Link & { addrs: Addr[] })[];
  /** Those of all tables but 'local'. */
  routes: Route[];
  /** Those that the kernel has not made. */
  rules: Rule[];
}

const EXIT_CODES = {
  [EXIT.OK]: 'the page was printed',
  [EXIT.COULD_NOT_LOOK]: 'the arguments are wrong, or the namespace could not be looked at',
};

/** Adds `rtnetns show` to the command line. */
export function addShow(program: Command): void {
  program
    .command('show')
    .description('show the devices, addresses, routes and rules of a namespace')
    .argument('[name]', 'in /run/netns; without one, the current namespace')
    .option('--json', 'print them as JSON')
    .addHelpText('after', '\nLeaves out the routes of the table local, and the default rules.')
    .addHelpText('after', exitCodes(EXIT_CODES))
    .action(async (name: string | undefined, flags: { json?: true }, command: Command) =>
      exitAfter(command, async () => {
        const shown = await look(name);
        if (flags.json) printJson(shown);
        else console.log(page(shown, isColored()));
        return EXIT.OK;
      }),
    );
}

async function look(name: string | undefined): Promise<Shown> {
  await using netns = await openNamed(name);
  const [links, addrs, routes, rules] = await Promise.all([
    listLinks(netns),
    listAddrs(netns),
    listRoutes(netns, { table: 'all' }),
    listRules(netns),
  ]);
  return {
    ...(name !== undefined && { name }),
    ino: netns.ino,
    links: links.map((link) => ({ ...link, addrs: addrs.filter(({ index }) => index === link.index) })),
    routes: routes.filter(({ table }) => table !== 'local'),
    rules: rules.filter((rule) => !isDefault(rule)),
  };
}

/** The tables that the kernel has asked for all packets by itself, by their priorities. */
const DEFAULT_RULES: Readonly<Partial<Record<number, string>>> = {
  0: 'local',
  32766: 'main',
  32767: 'default',
};

function isDefault({ priority, family: _, action, table, protocol: __, ...selectors }: Rule): boolean {
  const isBare = Object.keys(selectors).length === 0;
  return isBare && action === 'table' && table !== undefined && DEFAULT_RULES[priority] === table;
}

/** Whether standard output is a terminal that shows colours, and NO_COLOR is not set. */
function isColored(): boolean {
  return process.stdout.isTTY && process.stdout.hasColors();
}

type Style = Parameters<typeof styleText>[0];

const STATE_STYLES = { up: 'green', down: 'red', 'no-carrier': 'yellow' } as const;

function page(shown: Shown, colored: boolean): string {
  const styled = (style: Style, text: string) => (colored ? styleText(style, text) : text);
  const { name, ino, links, routes, rules } = shown;
  const nameOf = namesOf(links);
  const title = styled('bold', [...(name === undefined ? [] : [printable(name)]), `net:[${ino}]`].join('  '));
  const section = (heading: string, lines: readonly string[]) =>
    lines.length === 0 ? [] : ['', styled('bold', heading), ...lines.map((line) => `  ${line}`)];
  return [
    title,
    ...section('links', linkLines(links, nameOf, styled)),
    ...section(
      'routes',
      routes.map((route) => routeWords(route, nameOf)),
    ),
    ...section('rules', rules.map(ruleWords)),
  ].join('\n');
}

function linkLines(
  links: Shown['links'],
  nameOf: NameOf,
  styled: (style: Style, text: string) => string,
): string[] {
  const rows = inColumns(
    links.map((link) => [
      printable(link.name),
      stateOf(link),
      `mtu ${link.mtu}`,
      link.mac ?? '',
      kindWords(link, nameOf),
    ]),
  );
  return links.flatMap((link, i) => {
    const state = stateOf(link);
    const name = printable(link.name);
    const row = rows[i] ?? '';
    // the state is the first word after the name, whatever the name is
    const rest = row.slice(name.length).replace(state, styled(STATE_STYLES[state], state));
    return [`${styled('cyan', name)}${rest}`, ...link.addrs.map((addr) => `    ${addrWords(addr)}`)];
  });
}
