import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';

/**
 * The names of values that a module of lib/ gives, read from its text: 'createNetns' where it exports that,
 * 'nft.apply' where it exports a module as `nft`, and 'Netns.close' where it exports a class with such a method.
 */
export function publicNames(file) {
  const { statements } = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest);
  return new Set(statements.filter(ts.isExportDeclaration).flatMap((statement) => namesOf(statement, file)));
}

function namesOf({ isTypeOnly, exportClause, moduleSpecifier }, file) {
  if (isTypeOnly || exportClause === undefined || moduleSpecifier === undefined) return [];
  const source = moduleFile(join(dirname(file), moduleSpecifier.text));
  if (ts.isNamespaceExport(exportClause)) {
    return [...publicNames(source)].map((name) => `${exportClause.name.text}.${name}`);
  }
  const names = exportClause.elements.filter((one) => !one.isTypeOnly).map(({ name }) => name.text);
  return names.flatMap((name) => [name, ...methodsOf(name, source).map((method) => `${name}.${method}`)]);
}

const moduleFile = (path) => (existsSync(`${path}.ts`) ? `${path}.ts` : join(path, 'index.ts'));

/** Public methods of the class that a file gives under this name; none where it is no class, or a class of another file. */
function methodsOf(name, file) {
  const { statements } = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest);
  const found = statements.find((one) => ts.isClassDeclaration(one) && one.name?.text === name);
  const methods = found?.members.filter(ts.isMethodDeclaration) ?? [];
  return methods.filter((method) => ts.isIdentifier(method.name)).map((method) => method.name.text);
}
