// Has each compiled module load what it imports when something of the import is first used.
import { createRequire, isBuiltin } from 'node:module';

// not by import, for which node reads through all of the compiler to find the names of its exports
const ts = createRequire(import.meta.url)('typescript');

/** `require("…")`, alone or within the compiler's own `__importStar` or `__importDefault`. */
function isImport(node) {
  if (!ts.isCallExpression(node) || !ts.isIdentifier(node.expression)) return false;
  const [argument] = node.arguments;
  if (node.expression.text === 'require') return !isBuiltin(argument.text);
  return node.expression.text.startsWith('__import') && isImport(argument);
}

/** The imports of a compiled file under names of the compiler's, which nothing else in it has: `const x_1 = require("…");`. */
function importsOf(file) {
  const found = new Map();
  for (const statement of file.statements) {
    if (!ts.isVariableStatement(statement)) continue;
    const [{ name, initializer }] = statement.declarationList.declarations;
    if (!ts.isIdentifier(name) || !/_\d+$/.test(name.text)) continue;
    if (initializer !== undefined && isImport(initializer))
      found.set(name.text, { name, statement, initializer });
  }
  return found;
}

/** `exports.nft = __importStar(require("…"));`, of `export * as nft from '…'`. */
function* namespaceExportsOf(file) {
  for (const statement of file.statements) {
    if (!ts.isExpressionStatement(statement) || !ts.isBinaryExpression(statement.expression)) continue;
    const { left, right } = statement.expression;
    if (ts.isPropertyAccessExpression(left) && isImport(right))
      yield { statement, name: left.name.text, right };
  }
}

/** What has to be written where in a compiled file, for its modules to be loaded when they are first used. */
function* editsOf(file) {
  const imports = importsOf(file);
  for (const [name, { statement, initializer }] of imports) {
    const text = initializer.getText(file);
    yield { node: statement, text: `let ${name}_; const ${name} = () => (${name}_ ??= ${text});` };
  }
  for (const { statement, name, right } of namespaceExportsOf(file)) {
    const getter = `get: () => (${name}_ ??= ${right.getText(file)})`;
    const text = `let ${name}_; Object.defineProperty(exports, "${name}", { enumerable: true, ${getter} });`;
    yield { node: statement, text };
  }
  yield* visit(file);

  function* visit(node) {
    if (isReference(node)) {
      const { parent } = node;
      // without the parentheses, `new x().Name()` would construct x
      const constructed =
        ts.isPropertyAccessExpression(parent) &&
        ts.isNewExpression(parent.parent) &&
        parent.parent.expression === parent;
      if (constructed) yield { node: parent, text: `(${node.text}().${parent.name.text})` };
      else yield { node, text: `${node.text}()` };
      return;
    }
    const children = [];
    ts.forEachChild(node, (child) => void children.push(child)); // not getChildren, which reads the text again for its tokens
    for (const child of children) yield* visit(child);
  }

  function isReference(node) {
    return ts.isIdentifier(node) && imports.has(node.text) && node !== imports.get(node.text).name;
  }
}

export function withLazyImports(name, text) {
  const file = ts.createSourceFile(name, text, ts.ScriptTarget.ES2022, true);
  const edits = [...editsOf(file)].sort((a, b) => b.node.getStart(file) - a.node.getStart(file));
  return edits.reduce(
    (before, { node, text: replacement }) =>
      before.slice(0, node.getStart(file)) + replacement + before.slice(node.end),
    text,
  );
}
