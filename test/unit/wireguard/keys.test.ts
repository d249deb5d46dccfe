import { generateWireguardKeys, wireguardPublicKey } from '../../../lib';

const base64 = (hex: string) => Buffer.from(hex, 'hex').toString('base64');

/** Whoever calls with what is no key gets an error without it. */
function refusal(privateKey: unknown): Error {
  try {
    wireguardPublicKey(privateKey as string);
  } catch (error) {
    return error as Error;
  }
  throw new Error('it was taken');
}

test('the public key of a private one: RFC 7748, section 6.1', () => {
  const bob = base64('5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb');
  const ofBob = base64('de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f');
  expect(wireguardPublicKey(bob)).toBe(ofBob);
});

test('keys that are made fit each other, are others each time, and are as the kernel has them', () => {
  const made = Array.from({ length: 20 }, () => generateWireguardKeys());
  expect(new Set(made.map(({ privateKey }) => privateKey)).size).toBe(20);
  for (const { privateKey, publicKey } of made) {
    expect(wireguardPublicKey(privateKey)).toBe(publicKey);
    const bytes = Buffer.from(privateKey, 'base64');
    expect([bytes.length, bytes[0]! & 7, bytes[31]! & 0xc0]).toEqual([32, 0, 0x40]);
  }
});

test.each([
  ['cut off', 'QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE'],
  ['in hexadecimal', 'a1'.repeat(32)],
  ['with bits behind its end', 'QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUF='],
  ['in the alphabet of URLs', '-_FBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE='],
  ['with a blank', ' QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQU='],
  ['of no bytes', ''],
])('a key that is %s is refused, and is not in the error', (_, key) => {
  const { name, message, stack } = refusal(key);
  const expected = 'privateKey: expected a key, which is 32 bytes in base64, as wg genkey(8) prints it';
  expect([name, message]).toEqual(['RangeError', expected]);
  if (key !== '') expect(stack).not.toContain(key);
});

test('a key in bytes is refused by its type', () => {
  expect(refusal(Buffer.alloc(32))).toMatchObject({ name: 'TypeError' });
});
