import { readFile } from 'node:fs/promises';

/** The kernel's consoles, of which every message up to a level is written to each. */
export interface Consoles {
  /** Messages of lower levels are printed: /proc/sys/kernel/printk, syslog(2) console_loglevel. */
  level: number;
  /** Names of the consoles that are serial lines: /proc/consoles. */
  serial: readonly string[];
}

const SERIAL = /^(ttyS|ttyAMA|ttyUSB|ttyO|ttymxc|ttySC|hvc|netcon)\d*$/;

export async function readConsoles(): Promise<Consoles> {
  const [printk, consoles] = await Promise.all([
    readFile('/proc/sys/kernel/printk', 'utf8'),
    readFile('/proc/consoles', 'utf8'),
  ]);
  const names = consoles.split('\n').flatMap((line) => {
    const [name = '', operations = ''] = line.split(/\s+/);
    return operations.includes('W') ? [name] : [];
  });
  return { level: Number.parseInt(printk, 10), serial: names.filter((name) => SERIAL.test(name)) };
}
