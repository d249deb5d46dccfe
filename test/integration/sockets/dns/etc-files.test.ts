import { execFileSync } from 'node:child_process';
import { createNetns, resolve } from '../../../../lib';
import { etc } from '../../../support/etc';
import { failure } from '../../../support/ip';

describe('resolve', () => {
  // Somebody else may write to /etc/netns/NAME: a DHCP client, a tenant.
  test.each([
    ['a FIFO', 'mkfifo', [], 'EINVAL', 'is no regular file'],
    ['a directory', 'mkdir', [], 'EINVAL', 'is no regular file'],
    ['a device without an end', 'ln', ['-s', '/dev/zero'], 'EINVAL', 'is no regular file'],
    ['a file without an end to speak of', 'truncate', ['-s', '1T'], 'EFBIG', 'is larger than 16 MiB'],
  ])(
    '%s in place of a file of /etc is refused, and not waited for',
    async (_, command, args, code, reason) => {
      await using red = await createNetns('red');
      using files = etc({ 'resolv.conf': '' });
      files.write('netns/red/hosts', '');
      const path = '/etc/netns/red/resolv.conf';
      execFileSync(command, [...args, path]);
      const message = `${code}: resolve one.test in namespace red: ${path} ${reason}`;
      expect(await failure(resolve(red, 'one.test', { timeout: 1000 }))).toMatchObject({
        name: 'NetnsError',
        code,
        message,
      });
    },
  );
});
