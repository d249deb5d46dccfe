import { type Answer, decode, encode } from 'dns-packet';
import fc from 'fast-check';
import { answers, framed, messagesIn } from '../../../../lib/dns-message';
import {
  type DnsQuery,
  passOn,
  readQuery,
  sizeFor,
  TCP_SIZE,
  writeAnswer,
} from '../../../../lib/network/dns/wire';

const bytes = encode({ type: 'query', id: 9, flags: 0x0110, questions: [{ name: 'Db.test', type: 'A' }] });
const query = readQuery(bytes) as DnsQuery;
const many = (count: number): Answer[] =>
  Array.from({ length: count }, (_, i) => ({
    type: 'A',
    name: 'Db.test',
    ttl: 1,
    data: `10.0.${i >> 8}.${i & 255}`,
  }));

test('a query, and its answer', () => {
  expect(query).toMatchObject({ id: 9, name: 'Db.test', type: 'A', class: 'IN', edns: undefined });
  const answer = decode(writeAnswer(query, { answers: many(2), authoritative: true }, 512));
  expect(answer).toMatchObject({
    id: 9,
    flag_qr: true,
    flag_aa: true,
    flag_rd: true,
    flag_ra: true,
    flag_cd: true,
    flag_ad: false,
    flag_tc: false,
    questions: [{ name: 'Db.test', type: 'A', class: 'IN' }],
    answers: [{ data: '10.0.0.0', ttl: 1 }, { data: '10.0.0.1' }],
    additionals: [],
  });
});

test('what does not fit', () => {
  expect([sizeFor(query, false), sizeFor(query, true)]).toEqual([512, 65535]);
  const cut = writeAnswer(query, { answers: many(100) }, 512);
  expect(decode(cut)).toMatchObject({ flag_tc: true, answers: [] });
  // more than TCP has room for
  const most = writeAnswer(query, { answers: many(5000) }, TCP_SIZE);
  expect(most.length).toBeLessThanOrEqual(65535);
  expect(decode(most)).toMatchObject({ flag_tc: false });
  expect(decode(most).answers!.length).toBeGreaterThan(1000);
  const theirs = writeAnswer({ ...query, id: 1 }, { rcode: 3, answers: many(100) }, TCP_SIZE);
  expect(passOn(query, theirs, TCP_SIZE).readUInt16BE()).toBe(9);
  expect(decode(passOn(query, theirs, 512))).toMatchObject({
    id: 9,
    flag_tc: true,
    rcode: 'NXDOMAIN',
    answers: [],
  });
});

test('whatever it is, it is a query, or refused, or nothing', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array({ maxLength: 200 }),
        fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)).map(([at, value]) => {
          const changed = Buffer.from(bytes);
          changed[at] = value;
          return changed;
        }),
      ),
      (some) => {
        const message = Buffer.from(some);
        const read = readQuery(message);
        if (read === undefined) expect(message.length < 12 || (message[2]! & 0x80) !== 0).toBe(true);
        else if ('refusal' in read) expect(answersId(read.refusal)).toBe(answersId(message));
        else expect(answers(message, writeAnswer(read, {}, 512))).toBe(true);
      },
    ),
    { numRuns: 2000 },
  );
});

const answersId = (message: Buffer) => message.readUInt16BE();

test('an answer is told by its identifier and its question, in whatever case', () => {
  const answer = (changes: object, type: 'response' | 'query' = 'response') =>
    encode({ type, id: 9, questions: [{ name: 'dB.TEST', type: 'A' }], ...changes });
  expect(answers(bytes, answer({}))).toBe(true);
  const others = [
    answer({ id: 10 }),
    answer({}, 'query'),
    answer({ questions: [] }),
    answer({ questions: [], answers: [{ name: 'Db.test', type: 'A', data: '1.1.1.1' }] }),
    answer({ questions: [{ name: 'db.test', type: 'AAAA' }] }),
    answer({ questions: [{ name: 'db.tes', type: 'A' }] }),
    answer({}).subarray(0, -1),
    Buffer.alloc(0),
  ];
  expect(others.filter((other) => answers(bytes, other))).toEqual([]);
});

test('messages of a connection, however they are cut', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.uint8Array({ maxLength: 40 })),
      fc.array(fc.nat(30), { minLength: 1 }),
      async (messages, cuts) => {
        const stream = Buffer.concat(messages.map((message) => framed(Buffer.from(message))));
        const parts: Buffer[] = [];
        for (let at = 0, i = 0; at < stream.length; i++) {
          const next = at + 1 + cuts[i % cuts.length]!;
          parts.push(stream.subarray(at, next));
          at = next;
        }
        const found: number[][] = [];
        for await (const message of messagesIn(streamOf(parts))) found.push([...message]);
        expect(found).toEqual(messages.map((message) => [...message]));
      },
    ),
  );
  const long = framed(Buffer.alloc(41));
  const none: Buffer[] = [];
  for await (const message of messagesIn(streamOf([long]), 40)) none.push(message);
  expect(none).toEqual([]);
});

// eslint-disable-next-line @typescript-eslint/require-await -- as a connection is
async function* streamOf(parts: Buffer[]) {
  yield* parts;
}
