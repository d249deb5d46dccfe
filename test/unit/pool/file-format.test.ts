import fc from 'fast-check';
import { changesLine, readLines, snapshot } from '../../../lib/pool/file-format';
import { addressSpace, type Space, subnetSpace } from '../../../lib/pool/space';
import { type Change, PoolState } from '../../../lib/pool/state';

const { space } = addressSpace({ subnet: '10.0.0.0/24' });

/** A state, and all that made it. */
async function made(steps: readonly number[]): Promise<{ state: PoolState; file: string }> {
  const state = new PoolState();
  let file = await snapshot(space, []);
  for (const [i, step] of steps.entries()) {
    const place = BigInt(step);
    const change: Change =
      state.at(place) === undefined
        ? { kind: 'take', place, owner: `owner ${step} "é\n`, key: String(i), since: i }
        : { kind: 'free', place };
    state.apply(change);
    file += changesLine(space, [change]);
  }
  return { state, file };
}

async function read(file: string | Buffer, of: Space = space): Promise<{ state: PoolState; end: number }> {
  const state = new PoolState();
  const end = await readLines(of, Buffer.from(file), 0, (change) => state.apply(change));
  return { state, end };
}

/** All that can be told of a state. */
const told = (state: PoolState) => [...state.snapshot()];

const steps = fc.array(fc.integer({ min: 1, max: 20 }), { maxLength: 60 });

test('what is written is read again, as it came about and as a snapshot', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (list) => {
      const { state, file } = await made(list);
      const again = await read(file);
      expect(again.end).toBe(Buffer.byteLength(file));
      expect(told(again.state)).toEqual(told(state));
      expect(told((await read(await snapshot(space, state.snapshot()))).state)).toEqual(told(state));
    }),
  );
});

test('what was cut off in mid-line is as if that line had not been', async () => {
  await fc.assert(
    fc.asyncProperty(steps, fc.nat(), async (list, cut) => {
      const { file } = await made(list);
      const bytes = Buffer.from(file);
      const head = bytes.indexOf('\n') + 1;
      const whole = bytes.subarray(0, head + (cut % (bytes.length - head + 1)));
      const { end } = await read(whole);
      expect(end).toBe(whole.lastIndexOf('\n') + 1);
    }),
  );
});

test('no byte of a whole line can change unnoticed', async () => {
  await fc.assert(
    fc.asyncProperty(steps, fc.nat(), fc.integer({ min: 1, max: 255 }), async (list, where, flip) => {
      const bytes = Buffer.from((await made(list)).file);
      const at = where % (bytes.length - 1); // the last one's loss cuts the line off
      bytes[at]! ^= flip;
      await expect(read(bytes)).rejects.toMatchObject({ code: 'ERR_POOL_DAMAGED' });
    }),
  );
});

test('a line that does not follow from those before', async () => {
  const take: Change = { kind: 'take', place: 2n, owner: 'a', key: '', since: 0 };
  const head = await snapshot(space, []);
  for (const [changes, message] of [
    [[take, take], /^the line at byte \d+: it is given twice$/],
    [[take, { ...take, place: 3n }], /^the line at byte \d+: it is given twice$/],
    [[{ kind: 'free', place: 2n }], /^the line at byte \d+: it is released, but was not given$/],
    [[{ ...take, place: 256n }], /^the line at byte \d+: 10.0.1.0 is not in the pool$/],
  ] as [Change[], RegExp][]) {
    await expect(read(head + changesLine(space, changes))).rejects.toMatchObject({
      code: 'ERR_POOL_DAMAGED',
      message: expect.stringMatching(message) as unknown,
    });
  }
});

test.each([
  ['nothing', '', 'ERR_POOL_DAMAGED', 'it is empty, or cut off'],
  ['half a head', '12345678 {"format"', 'ERR_POOL_DAMAGED', 'it is empty, or cut off'],
  ['a text', 'hello\n', 'ERR_POOL_DAMAGED', 'the line at byte 0: its checksum is wrong'],
  ['zeros', Buffer.alloc(512), 'ERR_POOL_DAMAGED', 'it is empty, or cut off'],
])('a file of %s', async (_, file, code, message) => {
  await expect(read(file)).rejects.toMatchObject({ code, message });
});

test('a file of another pool', async () => {
  const file = await snapshot(space, []);
  for (const other of [
    addressSpace({ subnet: '10.0.1.0/24' }).space,
    addressSpace({ subnet: '10.0.0.0/16' }).space,
    subnetSpace({ base: '10.0.0.0/24', prefixLength: 28 }),
  ]) {
    await expect(read(file, other)).rejects.toMatchObject({
      code: 'ERR_POOL_MISMATCH',
      message: 'it is that of 10.0.0.0/24, given by /32',
    });
  }
});
