import { printable } from './printable';

/** What a refusal means, by its code: 'EEXIST', 'ENOENT', … */
export type Words = Readonly<Partial<Record<string, string>>>;

interface Sentence {
  /** 'EEXIST' */
  code: string;
  /** What was attempted, and on what: ['create link', 'eth0', 'in namespace', 'red']. */
  attempted: readonly (string | number | undefined)[];
  /** The kernel's own sentence. */
  sentence?: string | undefined;
  /** The option at fault. */
  option?: string | undefined;
  /** What it means, and what can be done. */
  explanation?: string | undefined;
}

/** 'EINVAL: create link eth0 in namespace red: Unknown device type: option 'kind': this kernel has no such kind' */
export function errorText({ code, attempted, sentence, option, explanation }: Sentence): string {
  const what = attempted.filter((word) => word !== undefined).join(' ');
  return printable([code, what, sentence, option, explanation].filter(Boolean).join(': '));
}
