// Compiles lib/ to build/js/, from where the modules are bundled into the few files of dist/ that a process loads.
import { rmSync } from 'node:fs';
import ts from 'typescript';
import { bundle } from './bundle.mjs';
import { withLazyImports } from './lazy-imports.mjs';

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
await bundle(options.outDir);
