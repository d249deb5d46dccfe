import { constants } from 'node:os';
import { type BatchItem, sendBatch } from '../../../lib/netlink/batch';
import { Bytes } from '../../../lib/netlink/bytes';
import { encode, type Message, messages, NLM_F_ACK, NLM_F_REQUEST } from '../../../lib/netlink/message';
import { batchFrame } from '../../../lib/netlink/nfnetlink/batch';
import { table } from '../../../lib/netlink/nfnetlink/table';
import { ack, object } from '../support/fake-kernel';

const { EEXIST, ENOENT, ENOBUFS, EPERM } = constants.errno;

function item(name: string): BatchItem {
  const bytes = encode(table.verbs.add, NLM_F_REQUEST, table.codec, { family: 'ip', name });
  return { bytes, attempt: { operation: `add table ${name}` }, codec: table.codec };
}

const items = ['a', 'b', 'c'].map(item);

/** A kernel that answers each message of a batch as it likes, and what it was sent. */
function kernel(answer: (message: Message, index: number) => Buffer | undefined, errno = 0) {
  const sent: Message[][] = [];
  const transact = (datagram: Uint8Array) => {
    const all = [...messages(new Bytes(Buffer.from(datagram)))];
    sent.push(all);
    const bytes = Buffer.concat(all.flatMap((message, i) => answer(message, i) ?? []));
    return Promise.resolve({ bytes, errno });
  };
  return { sent, transact };
}

const send = (transact: ReturnType<typeof kernel>['transact'], list = items) =>
  sendBatch(transact, 'red', { operation: 'apply' }, { ...batchFrame(), items: list });

const acknowledging = (message: Message) => ((message.flags & NLM_F_ACK) !== 0 ? ack(message) : undefined);

test('one datagram, each message with a number of its own, the last one acknowledged', async () => {
  const { sent, transact } = kernel(acknowledging);
  expect((await send(transact)).failures).toEqual([]);
  expect(sent).toHaveLength(1);
  expect(sent[0]!.map(({ type, sequence }) => [type, sequence])).toEqual([
    [16, 1],
    [table.verbs.add, 2],
    [table.verbs.add, 3],
    [table.verbs.add, 4],
    [17, 5],
  ]);
  expect(sent[0]!.map(({ flags }) => flags & NLM_F_ACK)).toEqual([0, 0, 0, NLM_F_ACK, 0]);
});

test('a refusal is that of the message with its number, with option and sentence', async () => {
  const offset = 16 + 4;
  const { transact } = kernel((message, i) =>
    i === 2 ? ack(message, EEXIST, { offset, sentence: 'no' }) : acknowledging(message),
  );
  const { failures } = await send(transact);
  expect(failures).toMatchObject([
    {
      index: 1,
      errno: EEXIST,
      error: { code: 'EEXIST', operation: 'add table b', option: 'name', extack: 'no', netns: 'red' },
    },
  ]);
});

test('several refusals are told in order', async () => {
  const { transact } = kernel((message, i) =>
    i === 1 || i === 3 ? ack(message, ENOENT) : acknowledging(message),
  );
  const { failures } = await send(transact);
  expect(failures.map(({ index }) => index)).toEqual([0, 2]);
});

test('a refusal of the batch as a whole is none of a message', async () => {
  const { transact } = kernel((message, i) => (i === 0 ? ack(message, EPERM) : undefined));
  const { failures } = await send(transact);
  expect(failures).toMatchObject([{ index: -1, errno: EPERM, error: { operation: 'apply' } }]);
});

test('no answer is a failure, too: it may have been lost', async () => {
  const lost = kernel(() => undefined, ENOBUFS);
  expect((await send(lost.transact)).failures).toMatchObject([{ index: -1, errno: ENOBUFS }]);
  const silent = kernel(() => undefined);
  expect((await send(silent.transact)).failures).toMatchObject([{ index: -1, errno: ENOBUFS }]);
});

test('where some answers were lost, the refusal that came is told', async () => {
  const { transact } = kernel((message, i) => (i === 2 ? ack(message, EEXIST) : undefined), ENOBUFS);
  expect((await send(transact)).failures).toMatchObject([{ index: 1, errno: EEXIST }]);
});

test('what is sent back is kept by its message: the first of a number', async () => {
  const { transact } = kernel((message, i) => {
    if (i !== 1) return acknowledging(message);
    const echo = (name: string) => object(message, table.codec, { family: 'ip', name });
    return Buffer.concat([echo('a'), echo('generation')]);
  });
  const { echoes } = await send(transact);
  expect([...echoes.keys()]).toEqual([0]);
  expect(table.read(echoes.get(0)!)).toMatchObject({ name: 'a' });
});

test('an empty one is sent without asking for an answer', async () => {
  const { sent, transact } = kernel(acknowledging);
  expect((await send(transact, [])).failures).toEqual([]);
  expect(sent[0]!.map(({ type }) => type)).toEqual([16, 17]);
});
