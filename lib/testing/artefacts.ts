import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { allDone } from '../common/all-done';
import { anyJson } from '../common/any-json';
import { doctor, draw, type Lab, type LabRecordEntry } from '..';
import type { CurrentTest } from './current-test';
import { recordUntilFailed } from './lab-record';
import { type Comment, toPcapng } from './pcapng';
import type { Recording } from './recording';

/** Writes what is known of a lab after a test that has failed, to a folder of the test's own below `root`. */
export async function writeArtefacts(
  root: string,
  test: CurrentTest,
  lab: Lab,
  recording?: Recording,
): Promise<void> {
  const folder = await ownFolder(join(root, ...fileWords(test.file), word(test.name)));
  const { entries, comments } = recordUntilFailed(lab, test.name);
  const parts: readonly Promise<Readonly<Record<string, string | Buffer>>>[] = [
    ...(lab.switches.open ? [pictures(lab), findings(lab)] : []),
    packets(recording, comments),
    Promise.resolve({ 'record.json': `${recordJson(entries)}\n` }),
  ];
  await allDone(
    parts.map(async (part) => {
      const files = Object.entries(await part);
      await allDone(files.map(async ([name, text]) => writeFile(join(folder, name), text)));
    }),
  );
}

/** The details of an entry may be anything. */
function recordJson(entries: readonly LabRecordEntry[]): string {
  const known = entries.map(({ time, kind, title }) => ({ time, kind, title }));
  return anyJson(entries, known, 2);
}

async function pictures(lab: Lab): Promise<Record<string, string>> {
  const svg = await draw(lab, { format: 'svg' }).catch((error: unknown) => {
    // the package that draws it need not be there
    if ((error as { code?: unknown }).code === 'ERR_NO_VIZ') return undefined;
    throw error;
  });
  return { 'lab.txt': await draw(lab), ...(svg !== undefined && { 'lab.svg': svg }) };
}

async function findings(lab: Lab): Promise<Record<string, string>> {
  const spaces = [['switches', lab.switches] as const, ...lab.nodes];
  const found = await allDone(
    spaces.map(async ([name, netns]) =>
      (await doctor(netns)).map(
        ({ severity, code, where, what, fix }) =>
          `${name}: ${severity} ${code} at ${where}: ${what}; ${fix}\n`,
      ),
    ),
  );
  return { 'doctor.txt': found.flat().join('') };
}

async function packets(
  recording: Recording | undefined,
  comments: readonly Comment[],
): Promise<Record<string, Buffer>> {
  const recorded = [...((await recording?.finish()) ?? [])];
  const secrets = recorded.length === 0 ? undefined : await tlsSecrets();
  return Object.fromEntries(
    recorded.map(([name, one]) => [`${name}.pcapng`, toPcapng(one, { comments, secrets })]),
  );
}

/** Of the programs that write them to the file of this name, as curl does, browsers, and node with --tls-keylog. */
async function tlsSecrets(): Promise<Buffer | undefined> {
  const file = process.env['SSLKEYLOGFILE'];
  if (file === undefined) return undefined;
  return readFile(file).catch(() => undefined);
}

/** One that nothing has been written to: of a test that is run again, the second one is NAME-2. */
async function ownFolder(path: string): Promise<string> {
  await mkdir(dirname(path), { recursive: true });
  for (let i = 1; ; i++) {
    const folder = i === 1 ? path : `${path}-${i}`;
    try {
      await mkdir(folder);
      return folder;
    } catch (error) {
      if ((error as { code?: unknown }).code !== 'EEXIST') throw error;
    }
  }
}

/** The way to a test's file from where the run began. */
function fileWords(file: string | undefined): string[] {
  return file === undefined ? [] : relative(process.cwd(), file).split(sep).map(word);
}

const LONGEST_WORD = 60;

/** As the name of a file. */
function word(text: string): string {
  const plain = text.replace(/[^\p{L}\p{N}._-]+/gu, '-').replace(/^[.-]+|-+$/g, '');
  return Array.from(plain).slice(0, LONGEST_WORD).join('') || 'test';
}
