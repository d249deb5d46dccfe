import { encode } from 'dns-packet';
import fc from 'fast-check';
import { answers, framed, messagesIn } from '../../../../lib/sockets/dns/dns-message';

const bytes = encode({ type: 'query', id: 9, questions: [{ name: 'Db.test', type: 'A' }] });

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
