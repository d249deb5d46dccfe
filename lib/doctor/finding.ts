import type { FindingCode } from './codes';

/** Something that keeps packets from passing, or may do so. */
export interface Finding {
  code: FindingCode;
  /**
   * 'error': packets do not pass. 'warning': some may not, or it may be as it should be. 'unknown': it could not be
   * looked at.
   */
  severity: 'error' | 'warning' | 'unknown';
  /** What is wrong, and what comes of it. */
  what: string;
  /** The sysctl, device, chain, port or file that it is about. */
  where: string;
  /** What to do about it: a command in backquotes, to be run as root. */
  fix: string;
}
