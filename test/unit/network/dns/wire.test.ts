import { type Answer, decode, encode } from 'dns-packet';
import fc from 'fast-check';
import { answers } from '../../../../lib/sockets/dns/dns-message';
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
