import { sandboxed } from '../../support/cli';

function output(example: string): string[] {
  const { status, stdout, stderr } = sandboxed(process.execPath, `examples/${example}.mjs`);
  expect(stderr).toBe('');
  expect(status).toBe(0);
  return stdout.trim().split('\n');
}

describe('examples', () => {
  test('examples/events.mjs', () => {
    const lines = output('events');
    expect(lines.slice(0, 2)).toEqual(['netns present red', 'ready']);
    const ready = lines.indexOf('ready', 2);
    expect(lines.slice(2, ready)).toEqual([
      'link present lo down mtu 65536',
      'link present br0 down mtu 1500',
      'addr present 10.0.1.1/24',
      'route present 10.0.1.1 in local',
    ]);
    const after = lines.slice(ready + 1);
    expect(after).toContain('link changed br0 down mtu 1400 mtu');
    expect(after.some((line) => line.startsWith('link changed br0 up mtu 1400 up and flags'))).toBe(true);
    expect(after).toContain('route new 10.0.1.0/24 in main');
    expect(after.at(-1)).toBe('addr new 10.0.2.1/24');
  });

  test('examples/waiting.mjs', () => {
    expect(output('waiting')).toEqual([
      'eth0 (02:…) is up and has a carrier',
      'fd00::1/64 can be used: permanent',
      'ERR_DAD_FAILED: wait for address fd00::2 of link eth0 in namespace red: ' +
        'somebody else on the link has it (duplicate address detection failed)',
      'ETIMEDOUT: wait for link eth0 in namespace red: after 100 ms it is up',
    ]);
  });
});
