import type { FindingCode } from './codes';

/** Something that keeps packets from passing, or may do so. */
export interface Finding {
  /** What kind of finding it is, for programs. */
  code: FindingCode;
  /**
   * 'error': packets do not pass. 'warning': some packets may not pass, or the setting may be intended. 'unknown': something
   * could not be read.
   */
  severity: 'error' | 'warning' | 'unknown';
  /** What is wrong, and what follows from that. */
  what: string;
  /** The sysctl, device, chain, port or file at fault. */
  where: string;
  /** What mends the fault: often a command in backquotes, to be run as root. */
  fix: string;
  /** The name in /run/netns, of a stale name that `deleteNetns` can remove without harm: as `listNetns` returns it. */
  name?: string;
}
