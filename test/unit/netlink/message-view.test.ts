import fc from 'fast-check';
import type { HeadedCodec } from '../../../lib/netlink/attributes';
import { Bytes } from '../../../lib/netlink/bytes';
import { MalformedError, written } from '../../../lib/netlink/codec';
import { address } from '../../../lib/netlink/rtnetlink/address';
import { link } from '../../../lib/netlink/rtnetlink/link';
import { neighbor } from '../../../lib/netlink/rtnetlink/neighbor';
import { route } from '../../../lib/netlink/rtnetlink/route';
import { qdisc } from '../../../lib/netlink/rtnetlink/traffic';
import { captures, type Noun } from '../../golden/captures';
import { arbitrary } from '../support/arbitrary';
import { partOfRuns } from '../../support/part';

// The reader that makes plain objects of any message says what is right.

type Message = Record<string, unknown>;
type AnyCodec = HeadedCodec<object, Message>;

const CODECS = { link, route, address, neighbor, qdisc };
const TABLES = Object.entries(CODECS).map(
  ([name, { codec }]) => [name, codec as unknown as AnyCodec] as const,
);

const namesOf = (codec: AnyCodec) => [...Object.keys(codec.attributes.rows), 'unknown'];

/** What a view shows now, as a plain object without what is undefined. */
function shown(view: unknown): unknown {
  if (typeof view !== 'object' || view === null || Array.isArray(view) || view instanceof Uint8Array)
    return view;
  const found: Message = {};
  for (const name in view) {
    const value = (view as Message)[name];
    if (value !== undefined) found[name] = shown(value);
  }
  return found;
}

/** The plain object, or where and why the message is malformed. */
function outcome(read: () => unknown): unknown {
  try {
    return shown(read());
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error;
    return { message: error.message, path: error.path };
  }
}

function expectSame(codec: AnyCodec, names: readonly string[], messages: readonly Buffer[]): void {
  const [read, view] = [codec.reader(names), codec.viewer(names)];
  for (const message of messages) {
    const from = new Bytes(message);
    expect(outcome(() => view(from, 0, message.length))).toEqual(
      outcome(() => read(from, 0, message.length)),
    );
  }
}

const change = fc.record({ at: fc.nat(), to: fc.integer({ min: 0, max: 255 }) });

describe.each(TABLES)('a view of %s', (_, codec) => {
  const some = fc.subarray(namesOf(codec));
  const values = fc.array(arbitrary(codec.shape), { minLength: 1, maxLength: 3 });

  test('shows of random messages, one after another, what is read of them', () => {
    fc.assert(
      fc.property(values, some, (many, names) => {
        expectSame(
          codec,
          names,
          many.map((value) => written(codec, value as Message)),
        );
      }),
      { numRuns: partOfRuns(300, 5) },
    );
  });

  test('refuses what is cut off or garbled with the same words', () => {
    const changes = fc.array(change, { maxLength: 4 });
    fc.assert(
      fc.property(arbitrary(codec.shape), some, changes, fc.nat(), (value, names, list, cut) => {
        const bytes = written(codec, value as Message);
        for (const { at, to } of list) if (bytes.length > 0) bytes[at % bytes.length] = to;
        expectSame(codec, names, [bytes, bytes.subarray(0, cut % (bytes.length + 1)), bytes]);
      }),
      { numRuns: partOfRuns(500, 5) },
    );
  });

  test('knows no attribute that the table does not have', () => {
    expect(() => codec.viewer(['nonsense'])).toThrow(new TypeError('nonsense: there is no such attribute'));
  });
});

test.each(['link', 'route', 'address', 'neighbor'] as const satisfies readonly Noun[])(
  'a view of each captured %s shows what is read of it',
  (noun) => {
    const codec = CODECS[noun].codec as unknown as AnyCodec;
    const contents = captures(noun).flatMap(({ reply }) => reply.map((message) => message.subarray(16)));
    expect(contents.length).toBeGreaterThan(0);
    expectSame(codec, namesOf(codec), contents);
  },
);

test('an attribute that comes twice is read once, and one without a name is kept', () => {
  const header = Buffer.alloc(12);
  const attribute = (type: number, ...data: number[]) => Buffer.from([4 + data.length, 0, type, 0, ...data]);
  const twice = Buffer.concat([header, attribute(4, 7, 0, 0, 0), attribute(4, 8, 0, 0, 0)]);
  const unnamed = Buffer.concat([header, attribute(200, 1, 2, 3, 4)]);
  const view = route.codec.viewer(['index', 'unknown']);
  expect(view(new Bytes(twice), 0, twice.length)).toMatchObject({ index: 7, unknown: undefined });
  const found = view(new Bytes(unnamed), 0, unnamed.length);
  expect(found).toMatchObject({
    index: undefined,
    unknown: [{ type: 200, data: Buffer.from([1, 2, 3, 4]) }],
  });
});
