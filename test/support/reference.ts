import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { ROOT, sandboxed } from './cli';
import { jsonLines } from './lines';

// The examples of the reference, which stand in the TSDoc of the public functions: they are compiled with the types of
// the package, and run in a sandbox, one after another, each with handles and namespaces of its own.

export interface Example {
  /** 'addRoute', 'nft.addChain', 'BridgeNetwork.attach' */
  name: string;
  code: string;
  /** Whether it is only compiled, because this kernel lacks something. */
  skipped?: boolean;
}

/** What became of an example. */
export interface Outcome {
  name: string;
  /** What it printed, a line for each console.log. */
  printed: string[];
  /** The rules of `red` afterwards, in the words of nft(8). */
  rules: string[];
  /** The stack of what it threw. */
  error?: string;
}

/** What every example has, beside the public names, with its type: README.md describes it to readers. */
const GIVEN: Readonly<Record<string, string>> = {
  host: 'rtnetns.Netns',
  red: 'rtnetns.Netns',
  blue: 'rtnetns.Netns',
  table: "{ family: 'inet'; name: 'filter' }",
  chain: "{ table: typeof table; name: 'input'; hook: 'input' }",
};

/** The code of an `@example` tag, without its fence. */
export function codeOf(tag: string): string {
  return /^```ts\n(.*)\n```$/s.exec(tag.trim())?.[1] ?? '';
}

/** What a comment, before its statements or behind them, says that its rule is in the words of nft(8). */
export function announcedRule({ code }: Example): string | undefined {
  const found = /^(?:\/\/ (.+)\n)?const statements = .*?;(?: \/\/ (.+))?$/m.exec(code);
  return found?.[1] ?? found?.[2];
}

/** The public names and what is given, for code that imports nothing. */
function globals(names: readonly string[]): string {
  const given = Object.entries(GIVEN).map(([name, type]) => `const ${name}: ${type};`);
  const values = names.map((name) => `const ${name}: typeof rtnetns.${name};`);
  return `import type * as rtnetns from 'rtnetns';
declare global {
  ${[...given, ...values].join('\n  ')}
}
`;
}

const RUN = `
import { formatWithOptions } from 'node:util';
import * as rtnetns from 'rtnetns';

const { createNetns, createVeth, deleteNetns, listNetns, nft, setLink } = rtnetns;
const say = (outcome) => process.stdout.write(JSON.stringify(outcome) + '\\n');
Object.assign(globalThis, rtnetns);

async function prepare() {
  const [host, red, blue] = await Promise.all([createNetns(), createNetns('red'), createNetns('blue')]);
  await createVeth(
    { netns: red, name: 'eth0', up: true, addrs: ['10.0.0.1/24'] },
    { netns: blue, name: 'eth0', up: true, addrs: ['10.0.0.2/24'] },
  );
  await Promise.all([host, red, blue].map((netns) => setLink(netns, 'lo', { up: true })));
  const table = { family: 'inet', name: 'filter' };
  const chain = { table, name: 'input', hook: 'input' };
  await nft.apply(red, [nft.addTable(table), nft.addChain(chain)]);
  Object.assign(globalThis, { host, red, blue, table, chain });
}

async function rulesOf(netns) {
  const { rules, sets } = await nft.listRuleset(netns);
  return rules.map((rule) => nft.formatRule(rule, { sets }));
}

async function inTime(work) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error('it did not end in 10 s')), 10_000);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

for (const [index, { name, skipped }] of JSON.parse(process.argv[2]).entries()) {
  if (skipped) {
    say({ name, printed: [], rules: [] });
    continue;
  }
  const printed = [];
  console.log = (...values) => printed.push(formatWithOptions({ breakLength: Infinity }, ...values));
  await prepare();
  try {
    await inTime(import('./' + index + '.mjs'));
    say({ name, printed, rules: red.open ? await rulesOf(red) : [] });
  } catch (error) {
    say({ name, printed, rules: [], error: String(error?.stack ?? error) });
  }
  await deleteNetns((await listNetns()).map(({ name }) => name));
}
process.exit(); // a server of an example may still listen
`;

/** The compiler's complaints about the examples, each with the name of its example. */
function compile(directory: string, examples: readonly Example[], names: readonly string[]): string[] {
  const source = (index: number) => join(directory, `${index}.mts`);
  const files = examples.map(({ code }, index) => {
    writeFileSync(source(index), `${code}\nexport {};\n`);
    return source(index);
  });
  const declared = join(directory, 'globals.mts');
  writeFileSync(declared, globals(names));
  const host = { ...ts.sys, onUnRecoverableConfigFileDiagnostic: () => undefined };
  const config = ts.getParsedCommandLineOfConfigFile(join(ROOT, 'tsconfig.json'), {}, host);
  const program = ts.createProgram([...files, declared], {
    ...config?.options,
    noEmit: false,
    noUnusedLocals: false,
    types: ['node'],
  });
  const { diagnostics } = program.emit();
  return [...ts.getPreEmitDiagnostics(program), ...diagnostics].map(({ file, messageText }) => {
    const index = files.indexOf(file?.fileName ?? '');
    return `${examples[index]?.name ?? ''}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`;
  });
}

/** A sandbox where also /run is its own: pools and networks leave files there. */
const OWN_RUN = ['unshare', '-m', 'sh', '-euc', 'mount -t tmpfs run /run; exec "$@"', 'sh'];

/** Compiles and runs the examples; `names` are the public values of the package. */
export function runExamples(examples: readonly Example[], names: readonly string[]) {
  // inside the package, for its name to resolve to it
  const directory = mkdtempSync(join(ROOT, 'build', 'examples-'));
  try {
    const complaints = compile(directory, examples, names);
    writeFileSync(join(directory, 'run.mjs'), RUN);
    const program = [process.execPath, join(directory, 'run.mjs')];
    const { stdout, stderr } = sandboxed(
      ...OWN_RUN,
      ...program,
      JSON.stringify(examples.map(({ name, skipped }) => ({ name, skipped }))),
    );
    return { complaints, outcomes: jsonLines(stdout) as Outcome[], stderr };
  } finally {
    rmSync(directory, { recursive: true });
  }
}
