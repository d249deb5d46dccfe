import { createReadStream } from 'node:fs';
import { isText } from '../common/options';
import type { LabDefinition } from '../lab/definition';
import { type Findings, LabDefinitionError, type LabFinding } from '../lab/findings';
import { resolve } from '../lab/resolve';
import { parseYaml } from './yaml';

/** Bytes. */
const LARGEST = 1_000_000;

/**
 * Reads the definition of a lab from a file of YAML or JSON, and checks all of it. Editors complete and check such a file with the JSON Schema
 * of the package, of which its first line tells them:
 *
 * `# yaml-language-server: $schema=node_modules/rtnetns/lab.schema.json`
 *
 * The YAML is that of version 1.2: 'yes' and 'on' are texts. Anchors and aliases may be used, tags may not, and '<<' merges nothing.
 *
 * @throws LabDefinitionError with all that is wrong, each with its line; an Error of node's (`ENOENT`) where the file cannot be read.
 * @example
 * ```ts
 * const definition = await readLab('examples/lab.yaml');
 * await using lab = await createLab(definition);
 * console.log(lab.addrs('web1')); // [ '10.0.1.2' ]
 * ```
 */
export async function readLab(path: string): Promise<LabDefinition> {
  isText(path, 'path');
  const text = await readText(path);
  const { value, findings, syntax, lineOf } = parseYaml(text);
  const ofSyntax = syntax.map(({ line, message }) => ({ path: '', place: [], line, message }));
  if (ofSyntax.length > 0) throw new LabDefinitionError(ofSyntax, path);
  const found = [...findings.all, ...faultsOf(value, findings)].map((one) => ({
    ...one,
    line: lineOf(one.place),
  }));
  if (found.length === 0) return value as LabDefinition;
  throw new LabDefinitionError(
    found.sort((a, b) => a.line - b.line),
    path,
  );
}

/** All that is wrong with what the text says. */
function faultsOf(value: unknown, { all }: Findings): readonly LabFinding[] {
  // after what aliases have left out, one fault would bring others
  if (all.some(({ place }) => place.length === 0)) return [];
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    const message = "expected a definition, like 'nodes: { a: {} }'";
    return [{ path: '', place: [], message }];
  }
  try {
    resolve(value);
  } catch (error) {
    if (error instanceof LabDefinitionError) return error.findings;
    throw error;
  }
  return [];
}

async function readText(path: string): Promise<string> {
  const chunks: Buffer[] = [];
  // `end` counts, and a file without an end is read no further
  for await (const chunk of createReadStream(path, { end: LARGEST })) chunks.push(chunk as Buffer);
  const bytes = Buffer.concat(chunks);
  const refused = (message: string): LabDefinitionError =>
    new LabDefinitionError([{ path: '', place: [], message }], path);
  if (bytes.length > LARGEST) throw refused(`expected a file of at most ${LARGEST / 1_000_000} MB`);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw refused('expected text in UTF-8');
  }
}
