import { readFileSync } from 'node:fs';

/**
 * Whether the process group of this process is the one that its terminal sends Ctrl-C to: proc_pid_stat(5), pgrp and
 * tpgid. A process without a terminal has a tpgid of -1.
 */
export function inForeground(): boolean {
  const stat = readFileSync('/proc/self/stat', 'utf8');
  // the second field, the name of the command, may hold blanks and parentheses
  const [, , pgrp, , , tpgid] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return pgrp === tpgid;
}
