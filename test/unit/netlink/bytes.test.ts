import { align, Bytes, Writer } from '../../../lib/netlink/bytes';

test.each([
  [0, 0],
  [1, 4],
  [3, 4],
  [4, 4],
  [5, 8],
  [0xffff, 0x10000],
])('%d bytes take %d', (length, aligned) => {
  expect(align(length)).toBe(aligned);
});

test('a view of a part of a larger buffer begins where the part does', () => {
  const part = Buffer.from([9, 9, 9, 1, 2, 3, 4, 9]).subarray(3, 7);
  const { view, buffer } = new Bytes(part);
  expect(view.byteLength).toBe(4);
  expect(view.getUint32(0, true)).toBe(0x04030201);
  expect(buffer).toBe(part);
});

describe('Writer', () => {
  test('numbers, in the order of the machine or of the network', () => {
    const to = new Writer();
    to.u8(1);
    to.u8(0xff);
    to.u16(0x0203);
    to.u16(0x0203, false);
    to.u32(0x04050607);
    to.u32(0x04050607, false);
    to.u64(0x0a0b0c0d0e0f);
    to.u64(0x0a0b0c0d0e0f, false);
    expect(to.take().toString('hex')).toBe(
      '01ff' + '0302' + '0203' + '07060504' + '04050607' + '0f0e0d0c0b0a0000' + '00000a0b0c0d0e0f',
    );
  });

  test('aligns with zeros, and not where it is aligned', () => {
    const to = new Writer();
    to.align();
    to.bytes([1]);
    to.align();
    to.align();
    to.bytes([2]);
    expect(to.take()).toEqual(Buffer.from([1, 0, 0, 0, 2]));
  });

  test('writes into what is written', () => {
    const to = new Writer();
    const at = to.reserve(8);
    to.setU16(at + 2, 0x1234);
    to.setU32(at + 4, 0x56789abc);
    expect(to.take().toString('hex')).toBe('00003412bc9a7856');
  });

  test('grows, again and again, and keeps what it has', () => {
    const to = new Writer();
    const written: number[] = [];
    for (let i = 0; i < 5000; i++) {
      to.u8(i & 0xff);
      written.push(i & 0xff);
    }
    const large = new Uint8Array(100_000).fill(7);
    to.bytes(large);
    to.setU16(4998, 0xffff);
    written[4998] = 0xff;
    written[4999] = 0xff;
    expect(to.length).toBe(105_000);
    expect(Buffer.compare(to.take(), Buffer.from([...written, ...large]))).toBe(0);
  });
});
