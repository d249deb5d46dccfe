import { createBridge, createNetns, type Finding } from '../../../lib';
import { CLI } from '../../support/cli';
import { execFileAsync } from '../../support/doctor';

/** The findings of a machine with this level and these consoles. */
async function findings(printk: string, consoles: string): Promise<Finding[]> {
  const script = `
    mount -t tmpfs none /mnt
    echo '${printk}' > /mnt/printk
    echo '${consoles}' > /mnt/consoles
    mount --bind /mnt/printk /proc/sys/kernel/printk
    mount --bind /mnt/consoles /proc/consoles
    "${process.execPath}" "${CLI}" doctor host --json || true`;
  const { stdout } = await execFileAsync('unshare', ['-m', 'sh', '-ec', script]);
  return JSON.parse(stdout) as Finding[];
}

const of = (list: readonly Finding[]) => list.filter(({ code }) => code === 'slow-console');
const LOUD = '7\t4\t1\t7';
const SERIAL = 'ttyS0                -W- (EC  p a)    4:64';
const SCREEN = 'tty0                 -WU (EC  p  )    4:1';

describe('doctor', () => {
  test('a serial console that prints what bridges report is found where there is a bridge', async () => {
    await using host = await createNetns('host');
    expect(of(await findings(LOUD, SERIAL))).toEqual([]);
    await createBridge(host, 'br0');
    expect(of(await findings(LOUD, `${SCREEN}\n${SERIAL}`))).toMatchObject([
      { severity: 'warning', fix: '`dmesg -n 6`', what: expect.stringContaining('port to ttyS0,') as string },
    ]);
    expect(of(await findings('6\t4\t1\t7', SERIAL))).toEqual([]);
    expect(of(await findings(LOUD, SCREEN))).toEqual([]);
  });
});
