import { constants } from 'node:os';
import { native } from '../addon/native';

// Names that share a number: the kernel's own word goes first.
const PREFERRED = new Set(['EAGAIN', 'EOPNOTSUPP']);

const NAMES = new Map<number, string>();
for (const [name, number] of Object.entries(constants.errno)) {
  if (!NAMES.has(number) || PREFERRED.has(name)) NAMES.set(number, name);
}

/** 17 → 'EEXIST'. node's own table first; it lacks a few that netlink uses, such as EXFULL. */
export function errnoName(errno: number): string {
  return NAMES.get(errno) ?? (native().errnoName(errno) || `E${errno}`);
}
