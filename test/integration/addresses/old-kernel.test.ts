// Many kernels send no sentence with what they refuse. This one seems to be such a kernel: test/support/old-kernel.c.
import { createNetns } from '../../../lib';
import { run } from '../../support/ip';
import { onOldKernel } from '../../support/old-kernel';
import { program, type Tools } from '../../support/program';

interface Refused {
  extack?: string;
  message: string;
}

async function repeat({ rtnetns: { addAddr, openNetns, removeAddr }, tell }: Tools) {
  const red = await openNetns('red');
  for (const [own, other] of [
    ['10.0.0.1/24', '10.0.0.1/16'],
    ['fd00::1/64', 'fd00::2/64'],
  ] as const) {
    await addAddr(red, 'lo', own);
    const attempts = [
      addAddr(red, 'lo', own),
      removeAddr(red, 'lo', other),
      addAddr(red, 'lo', other, { validLifetime: 0 }),
      addAddr(red, 'lo', own, { ifExists: 'ignore' }),
      removeAddr(red, 'lo', other, { ifMissing: 'ignore' }),
    ];
    for (const { reason } of (await Promise.allSettled(attempts)) as { reason?: Refused }[]) {
      tell(reason === undefined ? 'done' : [reason.extack ?? '', reason.message]);
    }
  }
  const [multicast] = await Promise.allSettled([addAddr(red, 'lo', 'ff02::1/64')]);
  tell((multicast as { reason: Refused }).reason.message);
}

describe('addAddr, removeAddr', () => {
  test('say the reason themselves', async () => {
    await using red = await createNetns('red');
    const { told, stderr } = await onOldKernel(program(repeat));
    expect(stderr).toBe('');
    const said = (start: string, end: string): unknown => [
      '',
      expect.stringMatching(new RegExp(`^${start} lo in namespace red: ${end}`)),
    ];
    const missing = 'the device does not have this address with this prefix length$';
    expect(told).toEqual([
      said('EEXIST: add address 10.0.0.1/24 to', 'the device has this address already$'),
      said('EADDRNOTAVAIL: remove address 10.0.0.1/16 from', missing),
      said('EINVAL: add address 10.0.0.1/16 to', 'a lifetime is 0, '),
      'done',
      'done',
      said('EEXIST: add address fd00::1/64 to', 'the device has this address already$'),
      said('EADDRNOTAVAIL: remove address fd00::2/64 from', missing),
      said(
        'EINVAL: add address fd00::2/64 to',
        'validLifetime is 0 or .*; or the device has no IPv6, as where ',
      ),
      'done',
      'done',
      expect.stringMatching(/: no device takes :: or a multicast address, /),
    ]);
    expect(await run(red, 'ip', '-o', 'addr', 'show', 'to', '10.0.0.1')).toContain('10.0.0.1/24');
  });
});
