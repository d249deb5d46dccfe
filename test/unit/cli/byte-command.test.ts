import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { byteCommand } from '../../../lib/cli/byte-command';
import { fromBytes } from '../../../lib/common/byte-text';

const word = fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes.filter((byte) => byte !== 0)));

describe('byteCommand', () => {
  test('leaves text as it is', () => {
    expect(byteCommand(['echo', "it's", '$x', ''])).toEqual(['echo', "it's", '$x', '']);
  });

  test.each(['C', 'C.UTF-8'])('has the command get all bytes, in the locale %s', (LC_ALL) => {
    const property = fc.property(fc.array(word, { minLength: 1, maxLength: 12 }), (words) => {
      const [file, ...args] = byteCommand(['printf', '%s|', ...words.map((bytes) => fromBytes(bytes))]);
      const printed = execFileSync(file, args, { env: { ...process.env, LC_ALL } });
      expect(printed.toString('latin1')).toBe(words.map((bytes) => `${bytes.toString('latin1')}|`).join(''));
    });
    fc.assert(property, { numRuns: 50, examples: [[[Buffer.from([0xff, 0x0a, 0x0a])]]] });
  });

  test('finds a command whose name is not UTF-8', () => {
    const [file, ...args] = byteCommand(['\udcff']);
    expect(() => execFileSync(file, args, { stdio: 'pipe' })).toThrow(/not found/);
  });
});
