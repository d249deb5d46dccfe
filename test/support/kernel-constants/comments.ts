import ts from 'typescript';

/** A word that may be a constant of the kernel. */
const NAME = '[A-Z][A-Z0-9]*(?:_[A-Za-z0-9]+)+';

/** A constant, several joined by `|`, one within a macro: NF_CT_STATE_BIT(IP_CT_NEW); or a prefix: NUD_*. */
const EXPRESSION = new RegExp(
  `\\b[A-Z][A-Z0-9_]*_\\*|\\b${NAME}\\(${NAME}\\)|\\b${NAME}(?: \\| ${NAME})*`,
  'g',
);

/** The constants that a comment names, in their order. */
function constantsIn(text: string | undefined): string[] {
  return [...(text ?? '').matchAll(EXPRESSION)].map(([expression]) => expression);
}

/** 'NUD_' of 'linux/neighbour.h, NUD_*'. */
export function prefixesIn(text: string): string[] {
  return constantsIn(text)
    .filter((name) => name.endsWith('*'))
    .map((name) => name.slice(0, -1));
}

/** The constants in the comment at the end of a line. */
export function constantsBehind(file: ts.SourceFile, line: number): string[] {
  const start = file.getPositionOfLineAndCharacter(line, 0);
  const [text] = file.text.slice(start).split('\n', 1);
  return constantsIn(/\S.*?\/\/(.*)$/.exec(text!)?.[1]);
}

/** The constants in a comment directly behind a node, on its line. */
export function constantsAfter(file: ts.SourceFile, node: ts.Node): string[] {
  return constantsIn(/^ *\/\*(.*?)\*\//.exec(file.text.slice(node.getEnd()))?.[1]);
}

/** What the comments above a node say, and those above what it is a part of: the nearest first. */
export function commentsAbove(file: ts.SourceFile, node: ts.Node): string[] {
  const found: string[] = [];
  for (let at: ts.Node = node; !ts.isSourceFile(at); at = at.parent) {
    if (!ts.isStatement(at) && !ts.isPropertyAssignment(at)) continue;
    const ranges = ts.getLeadingCommentRanges(file.text, at.getFullStart()) ?? [];
    found.push(ranges.map(({ pos, end }) => file.text.slice(pos, end)).join('\n'));
  }
  return found;
}
