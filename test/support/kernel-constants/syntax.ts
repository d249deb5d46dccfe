import ts from 'typescript';

/** Whether a constant is made of the object, or it is an argument of `choice` or a constructor. */
export function isTable(node: ts.ObjectLiteralExpression): boolean {
  let at: ts.Node = node.parent;
  while (
    ts.isAsExpression(at) ||
    ts.isSatisfiesExpression(at) ||
    ts.isObjectLiteralExpression(at) ||
    ts.isPropertyAssignment(at)
  ) {
    at = at.parent;
  }
  if (ts.isVariableDeclaration(at)) return /^[A-Z][A-Z0-9_]*$/.test(at.name.getText());
  return ts.isNewExpression(at) || isArgumentOf(node, 'choice');
}

export function isArgumentOf(node: ts.Node, called: string): boolean {
  const { parent } = node;
  return ts.isCallExpression(parent) && parent.expression.getText() === called;
}

/** The name of the variable that a node is a part of. */
export function declaredName(node: ts.Node): string {
  let name = '';
  for (let at = node; !ts.isSourceFile(at); at = at.parent) {
    if (ts.isVariableDeclaration(at)) name = at.name.getText();
  }
  return name;
}

export function groupBy<T>(items: readonly T[], keyOf: (item: T) => unknown): T[][] {
  const groups = new Map<unknown, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return [...groups.values()];
}
