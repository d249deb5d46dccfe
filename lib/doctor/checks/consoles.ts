import { hereCommand } from '../command';
import type { Facts } from '../facts';
import type { Finding } from '../finding';

/** KERN_INFO of linux/kern_levels.h: the level of what a bridge reports of its ports. */
const INFO = 6;

/** At 115,200 baud, a message about a port takes a serial line some 5 ms, in which nobody else changes a device. */
export function slowConsole({ links, consoles }: Facts): Finding[] {
  if (consoles === undefined || consoles.level <= INFO || consoles.serial.length === 0) return [];
  if (!links.some(({ kind }) => kind === 'bridge')) return [];
  return [
    {
      code: 'slow-console',
      severity: 'warning',
      what: `the kernel prints each change of a bridge's port to ${consoles.serial.join(' and ')}, and holds the lock of all devices (RTNL) meanwhile: everything that creates or changes devices is slow`,
      where: `sysctl kernel.printk of this machine: messages below level ${consoles.level}`,
      fix: hereCommand('dmesg', '-n', String(INFO)),
    },
  ];
}
