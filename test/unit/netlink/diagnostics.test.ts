import diagnostics from 'node:diagnostics_channel';
import { constants } from 'node:os';
import type Util from 'node:util';
import { sendBatch } from '../../../lib/netlink/batch';
import { eventMessages, type EventContext, type RequestContext } from '../../../lib/netlink/diagnostics';
import { encode, NLM_F_CREATE, NLM_F_DUMP_INTR, NLM_F_EXCL, NLM_F_MULTI } from '../../../lib/netlink/message';
import { batchFrame } from '../../../lib/netlink/nfnetlink/batch';
import { generation } from '../../../lib/netlink/nfnetlink/generation';
import { table } from '../../../lib/netlink/nfnetlink/table';
import { address } from '../../../lib/netlink/rtnetlink/address';
import { link } from '../../../lib/netlink/rtnetlink/link';
import { change, connect, dump, get, isDump, refused } from '../support/connection';
import { ack, done, FakeKernel, object } from '../support/fake-kernel';

const printed: string[] = [];

// as node has it with NODE_DEBUG=rtnetns
jest.mock('node:util', () => ({
  ...jest.requireActual<typeof Util>('node:util'),
  debuglog: () => Object.assign((line: string) => printed.push(line), { enabled: true }),
}));

const { EEXIST, EINVAL, ENOBUFS } = constants.errno;

beforeEach(() => {
  printed.length = 0;
});

describe('NODE_DEBUG', () => {
  test('a request, and that it was carried out', async () => {
    const { connection } = connect();
    const value = { family: 2, prefixLength: 24, index: 2, local: '10.0.0.1' };
    await connection.request(address.add(value, NLM_F_CREATE | NLM_F_EXCL, { operation: 'add address' }));
    expect(printed).toEqual([
      "→ RTM_NEWADDR seq 1 CREATE|EXCL {family: 2, prefixLength: 24, index: 2, local: '10.0.0.1'} in red",
      '← ack seq 1 in red',
    ]);
  });

  test('a refusal, with the words of the kernel and the attribute at fault', async () => {
    const { connection } = connect((request) =>
      ack(request, EINVAL, { sentence: "mtu\nless than 68, isn't it", offset: 32 }),
    );
    const request = link.add({ index: 2, mtu: 1 }, 0, { operation: 'set link' });
    await refused(connection.request(request));
    expect(printed).toEqual([
      '→ RTM_NEWLINK seq 1 {index: 2, mtu: 1} in red',
      "← EINVAL seq 1 'mtu\\x0aless than 68, isn\\'t it' at mtu in red",
    ]);
  });

  test('an object, and a dump with each of its parts', async () => {
    const { connection } = connect((request) => {
      const parts = [2, 3].map((index) => object(request, link.codec, { index, name: 'a' }, NLM_F_MULTI));
      return isDump(request)
        ? Buffer.concat([...parts, done(request)])
        : Buffer.concat([object(request, link.codec, { index: 7 }), ack(request)]);
    });
    await connection.request(get(7));
    await connection.request(dump());
    expect(printed).toEqual([
      '→ RTM_GETLINK seq 1 {index: 7} in red',
      '← RTM_NEWLINK seq 1 {index: 7} in red',
      '← ack seq 1 in red',
      '→ RTM_GETLINK seq 2 DUMP {} in red',
      "← RTM_NEWLINK seq 2 {index: 2, name: 'a'} in red",
      "← RTM_NEWLINK seq 2 {index: 3, name: 'a'} in red",
      '← done seq 2 in red',
    ]);
  });

  test('a dump that was interrupted', async () => {
    let interrupted = 0;
    const { connection } = connect((request) =>
      done(request, interrupted++ === 0 ? { flags: NLM_F_DUMP_INTR } : {}),
    );
    await connection.request(dump());
    expect(printed).toContain('← done seq 1 INTERRUPTED in red');
  });

  test('what was lost, and what is malformed', async () => {
    const lost = () => Promise.resolve({ bytes: Buffer.alloc(0), errno: ENOBUFS });
    const malformed = () => Promise.resolve({ bytes: Buffer.from('ffffffff', 'hex'), errno: 0 });
    const item = table.add({ name: 'a' }, 0, { operation: 'add' });
    const batch = { ...batchFrame(), items: [item] };
    await sendBatch(lost, 'red', { operation: 'apply' }, batch);
    expect(printed.at(-1)).toBe('← ENOBUFS: there may be more in red');
    await expect(sendBatch(malformed, 'red', { operation: 'apply' }, batch)).rejects.toThrow('4 bytes after');
    expect(printed.at(-1)).toBe('← (malformed: 4 bytes after the last message) in red');
  });

  test('a transaction of nf_tables', async () => {
    const kernel = new FakeKernel((request) => (request.type === 0xa00 ? ack(request) : Buffer.alloc(0)));
    const items = [table.add({ family: 'inet', name: 'a' }, NLM_F_CREATE, { operation: 'add table' })];
    await sendBatch(kernel.transact, 'red', { operation: 'apply' }, { ...batchFrame(5), items });
    expect(printed).toEqual([
      '→ NFNL_MSG_BATCH_BEGIN seq 1 {resource: 10, generation: 5} in red',
      "→ NFT_MSG_NEWTABLE seq 2 CREATE {family: 'inet', name: 'a'} in red",
      '→ NFNL_MSG_BATCH_END seq 3 {resource: 10} in red',
      '← ack seq 2 in red',
    ]);
  });

  test('events', () => {
    const bytes = encode(link.verbs.remove, 0, link.codec, {
      index: 2,
      unknown: [{ type: 99, data: Buffer.from([1, 2]) }],
    });
    expect([...eventMessages('route', bytes, 'net:[4026531840]')]).toHaveLength(1);
    const ruleset = encode(generation.verbs.add, 0, generation.codec, { id: 7 });
    expect([...eventMessages('netfilter', ruleset, 'red')]).toHaveLength(1);
    const unknown = encode(250, 0, link.codec, { index: 1 });
    expect([...eventMessages('route', unknown, 'red')]).toHaveLength(1);
    expect(printed).toEqual([
      '← RTM_DELLINK seq 0 {index: 2, unknown: [99]} in net:[4026531840]',
      '← NFT_MSG_NEWGEN seq 0 {id: 7} in red',
      '← type 250 seq 0 <00000000010000000000000000000000> in red',
    ]);
  });

  test('nothing that a name holds reaches the terminal as it is', () => {
    const bytes = encode(link.verbs.add, 0, link.codec, { name: '\x1b[2J\u202ea\n', alias: "\\'ä ö\u2028" });
    expect([...eventMessages('route', bytes, 'r\x1bed')]).toHaveLength(1);
    expect(printed).toEqual([
      "← RTM_NEWLINK seq 0 {name: '\\x1b[2J\\u202ea\\x0a', alias: '\\\\\\'ä ö\\u2028'} in 'r\\x1bed'",
    ]);
  });
});

describe('diagnostics_channel', () => {
  const started: RequestContext[] = [];
  const settled: (RequestContext & { result?: unknown; error?: unknown })[] = [];
  const subscribers = {
    start: (context: RequestContext) => void started.push({ ...context }),
    end: () => undefined,
    asyncStart: () => undefined,
    asyncEnd: (context: RequestContext) => void settled.push(context),
    error: () => undefined,
  };
  const requests = diagnostics.tracingChannel<unknown, RequestContext>('rtnetns:request');

  beforeEach(() => {
    started.length = 0;
    settled.length = 0;
    requests.subscribe(subscribers);
  });

  afterEach(() => {
    requests.unsubscribe(subscribers);
  });

  test('a request, from its beginning to its result', async () => {
    const { connection } = connect();
    const request = connection.request(change(2));
    const context = { operation: 'set link', device: 2, netns: 'red', type: 'RTM_NEWLINK' };
    expect(started).toEqual([context]);
    expect(settled).toEqual([]);
    await request;
    expect(settled).toEqual([{ ...context, result: undefined }]);
  });

  test('or to its error', async () => {
    const { connection } = connect((request) => ack(request, EEXIST));
    const error = await refused(connection.request(change(2)));
    expect(settled).toEqual([{ operation: 'set link', device: 2, netns: 'red', type: 'RTM_NEWLINK', error }]);
  });

  test('a transaction as a whole', async () => {
    const kernel = new FakeKernel();
    await sendBatch(kernel.transact, 'red', { operation: 'apply' }, { ...batchFrame(), items: [] });
    const context = { operation: 'apply', netns: 'red', type: 'NFNL_MSG_BATCH_BEGIN' };
    expect(started).toEqual([context]);
    expect(settled).toMatchObject([{ ...context, result: { failures: [] } }]);
  });

  test('nobody is told once the subscription is over', async () => {
    requests.unsubscribe(subscribers);
    await connect().connection.request(change(2));
    expect(started).toEqual([]);
  });

  test('events, but not the parts of a dump over the same socket', () => {
    const seen: EventContext[] = [];
    const subscriber = (context: unknown) => void seen.push(context as EventContext);
    diagnostics.subscribe('rtnetns:event', subscriber);
    const message = (flags: number) => encode(link.verbs.add, flags, link.codec, { index: 2, name: 'a' });
    const cut = encode(link.verbs.add, 0, link.codec, { unknown: [{ type: 4, data: Buffer.from([1]) }] });
    const bytes = Buffer.concat([message(0), message(NLM_F_MULTI), cut]);
    expect([...eventMessages('route', bytes, 'red')]).toHaveLength(3);
    diagnostics.unsubscribe('rtnetns:event', subscriber);
    expect([...eventMessages('route', bytes, 'red')]).toHaveLength(3);
    expect(seen).toEqual([
      { netns: 'red', type: 'RTM_NEWLINK', content: { index: 2, name: 'a' } },
      { netns: 'red', type: 'RTM_NEWLINK', content: cut.subarray(16) },
    ]);
  });
});
