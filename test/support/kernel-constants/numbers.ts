import ts from 'typescript';

/** The value of a constant expression; undefined for any other. `valueOf` knows what a name stands for. */
export function evaluate(node: ts.Node, valueOf: (name: string) => number | undefined): number | undefined {
  const inner = (part: ts.Node) => evaluate(part, valueOf);
  if (ts.isNumericLiteral(node)) return Number(node.text);
  if (ts.isBigIntLiteral(node)) return Number(node.text.slice(0, -1));
  if (ts.isIdentifier(node)) return valueOf(node.text);
  if (ts.isParenthesizedExpression(node) || ts.isAsExpression(node) || ts.isSatisfiesExpression(node)) {
    return inner(node.expression);
  }
  if (ts.isPrefixUnaryExpression(node)) {
    const value = inner(node.operand);
    return value === undefined ? undefined : UNARY[node.operator]?.(value);
  }
  if (ts.isBinaryExpression(node)) {
    const [left, right] = [inner(node.left), inner(node.right)];
    if (left === undefined || right === undefined) return undefined;
    return BINARY[node.operatorToken.kind]?.(left, right);
  }
  return undefined;
}

const UNARY: Partial<Record<ts.SyntaxKind, (value: number) => number>> = {
  [ts.SyntaxKind.MinusToken]: (value) => -value,
  [ts.SyntaxKind.TildeToken]: (value) => ~value,
};

const BINARY: Partial<Record<ts.SyntaxKind, (left: number, right: number) => number>> = {
  [ts.SyntaxKind.BarToken]: (left, right) => left | right,
  [ts.SyntaxKind.AmpersandToken]: (left, right) => left & right,
  [ts.SyntaxKind.LessThanLessThanToken]: (left, right) => left * 2 ** right,
  [ts.SyntaxKind.PlusToken]: (left, right) => left + right,
  [ts.SyntaxKind.MinusToken]: (left, right) => left - right,
  [ts.SyntaxKind.AsteriskToken]: (left, right) => left * right,
  [ts.SyntaxKind.AsteriskAsteriskToken]: (left, right) => left ** right,
};

/** Whether a number is written out in it. */
export function hasLiteral(node: ts.Node): boolean {
  return (
    ts.isNumericLiteral(node) || ts.isBigIntLiteral(node) || (ts.forEachChild(node, hasLiteral) ?? false)
  );
}
