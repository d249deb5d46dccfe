import { IFNAMSIZ } from '../common/limits';

/** 'web{1..3}': what stands before the numbers, the two numbers, and what stands behind. */
const PATTERN = /^([^{}]*)\{(\d{1,6})\.\.(\d{1,6})\}([^{}]*)$/;

/**
 * The names that a pattern stands for: 'web{1..3}' for web1, web2 and web3; 'web{08..10}' for web08, web09 and web10. A name without
 * braces stands for itself. Undefined for braces that are no pattern, and for a pattern that counts down.
 */
export function namesOfPattern(pattern: string, most: number): string[] | undefined {
  if (!/[{}]/.test(pattern)) return [pattern];
  const [, before = '', first = '', last = '', after = ''] = PATTERN.exec(pattern) ?? [];
  const [from, to] = [Number(first), Number(last)];
  if (first === '' || to < from || to - from >= most) return undefined;
  const digits = first.startsWith('0') ? first.length : 0;
  return Array.from({ length: to - from + 1 }, (_, i) => {
    return `${before}${String(from + i).padStart(digits, '0')}${after}`;
  });
}

/** Letters of a name: a bridge has the name of its switch, and its port that of the node, and the kernel takes no longer ones. */
export const LONGEST_NAME = IFNAMSIZ - 1;
