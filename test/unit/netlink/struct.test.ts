import { Bytes, Writer } from '../../../lib/netlink/bytes';
import { MalformedError, u16, u32, u8 } from '../../../lib/netlink/codec';
import { struct } from '../../../lib/netlink/struct';

const point = struct([['family', u8, 1], 1, ['port', u16, 2], ['flags', u32, 4]]);

function hex(value: unknown): string {
  const to = new Writer();
  point.write(to, value as never);
  return to.take().toString('hex');
}

function read(content: string) {
  const bytes = Buffer.from(content, 'hex');
  return point.read(new Bytes(bytes), 0, bytes.length);
}

test('fields and padding, one behind the other', () => {
  expect(point.size).toBe(8);
  expect(hex({ family: 1, port: 2, flags: 3 })).toBe('0100020003000000');
  expect(read('0199020003000000')).toEqual({ family: 1, port: 2, flags: 3 });
});

test('what is left out is 0', () => {
  expect(hex({ port: 2 })).toBe('0000020000000000');
  expect(hex({ port: undefined })).toBe('0000000000000000');
});

test('one that has grown is read as far as it is known', () => {
  expect(read('0100020003000000ffffffff')).toEqual({ family: 1, port: 2, flags: 3 });
});

test('one that is cut off is malformed', () => {
  expect(() => read('01000200030000')).toThrow(new MalformedError('7 bytes where 8 belong'));
  expect(() => read('')).toThrow(MalformedError);
});

test('the field at fault is named', () => {
  expect(() => hex({ port: 0x10000 })).toThrow(
    new RangeError('port: expected an integer from 0 to 65535, got 65536'),
  );
});
