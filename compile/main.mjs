// Compiles lib/ to build/js/, from where the modules are bundled into the few files of dist/ that a process loads. Makes
// lab.schema.json of the type of a lab's definition, too. Compiles nothing where nothing has changed since the last time.
import { rmSync, writeFileSync } from 'node:fs';
import ts from 'typescript';
import { bundle } from './bundle.mjs';
import { withLazyImports } from './lazy-imports.mjs';
import { schemaOf } from './schema.mjs';
import { isCompiled, setCompiled } from './stamp.mjs';

if (isCompiled()) process.exit();

const HOST = {
  getCanonicalFileName: (name) => name,
  getCurrentDirectory: () => process.cwd(),
  getNewLine: () => '\n',
};

const { options, fileNames } = ts.getParsedCommandLineOfConfigFile(
  'tsconfig.build.json',
  {},
  {
    ...ts.sys,
    onUnRecoverableConfigFileDiagnostic: (problem) => {
      throw new Error(ts.formatDiagnostic(problem, HOST));
    },
  },
);
for (const directory of [options.outDir, 'dist']) rmSync(directory, { recursive: true, force: true });
const program = ts.createProgram(fileNames, options);
const { diagnostics } = program.emit(undefined, (name, text, bom) =>
  ts.sys.writeFile(name, name.endsWith('.js') ? withLazyImports(name, text) : text, bom),
);
const problems = [...ts.getPreEmitDiagnostics(program), ...diagnostics];
process.stderr.write(ts.formatDiagnostics(problems, HOST));
if (problems.length > 0) process.exit(1);
const schema = schemaOf(program, 'lib/lab/definition.ts', 'LabDefinition');
writeFileSync('lab.schema.json', `${JSON.stringify(schema, undefined, 2)}\n`);
await bundle(options.outDir);
setCompiled();
