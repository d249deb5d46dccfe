import { Bytes } from '../../../lib/netlink/bytes';
import { encode, type Message, messages } from '../../../lib/netlink/message';
import { link } from '../../../lib/netlink/rtnetlink/link';
import { KINDS } from '../../../lib/events/kinds';
import { WatchedKind } from '../../../lib/events/watched-kind';

/** What the kernel says of a link. */
function told(index: number, mtu: number, type: number = link.verbs.add): Message {
  const bytes = encode(type, 0, link.codec, { index, name: `va${index}`, mtu });
  return messages(new Bytes(bytes)).next().value!;
}

const gone = (index: number) => told(index, 0, link.verbs.remove);

function began(...parts: Message[]): WatchedKind {
  const watched = new WatchedKind(KINDS.links);
  watched.beginDump();
  for (const part of parts) watched.collect(part, false);
  return watched;
}

const short = (differences: ReturnType<WatchedKind['event']> | undefined) =>
  differences?.map(({ change, value }) => [
    change,
    (value as { index: number }).index,
    (value as { mtu: number }).mtu,
  ]);

test('events before, between and behind the parts of a dump: the last that was said is so', () => {
  const watched = new WatchedKind(KINDS.links);
  expect(watched.event(told(1, 1000))).toEqual([]); // before the dump, which will know
  watched.beginDump();
  expect(watched.event(told(1, 1100))).toEqual([]);
  expect(watched.event(gone(2))).toEqual([]);
  watched.collect(told(1, 1200), false);
  watched.collect(told(3, 1000), false);
  expect(watched.event(told(1, 1300))).toEqual([]);
  expect(watched.event(gone(3))).toEqual([]);
  expect(watched.event(told(4, 1000))).toEqual([]);
  expect(short(watched.endDump(false))).toEqual([
    ['new', 1, 1300],
    ['new', 4, 1000],
  ]);
  // from now on each is told, and once
  expect(short(watched.event(told(1, 1400)))).toEqual([['changed', 1, 1400]]);
  expect(watched.event(told(1, 1400))).toEqual([]);
  expect(short(watched.event(gone(4)))).toEqual([['gone', 4, 1000]]);
  expect(watched.event(gone(4))).toEqual([]);
});

test('a second dump tells what no event has told', () => {
  const watched = began(told(1, 1000), told(2, 1000), told(3, 1000));
  watched.endDump(false);
  watched.beginDump();
  watched.collect(told(1, 1000), false);
  expect(short(watched.event(told(3, 1100)))).toEqual([['changed', 3, 1100]]);
  watched.collect(told(3, 1100), false);
  watched.collect(told(4, 1000), false);
  expect(short(watched.endDump(false))).toEqual([
    ['gone', 2, 1000],
    ['new', 4, 1000],
  ]);
});

test('a dump that was interrupted is repeated, but not for ever', () => {
  const watched = began(told(1, 1000));
  for (let attempt = 1; attempt < 10; attempt++) {
    watched.collect(told(2, 1000), attempt % 2 === 0);
    expect(watched.endDump(attempt % 2 === 1)).toBeUndefined();
    expect(watched.current).toBe(false);
    watched.beginDump();
  }
  watched.collect(told(1, 1000), true);
  expect(short(watched.endDump(true))).toEqual([['new', 1, 1000]]);
  expect(watched.current).toBe(true);
});

test('after a restart, what came of the old socket counts until the new dump is there', () => {
  const watched = began(told(1, 1000), told(2, 1000));
  watched.endDump(false);
  watched.restart();
  expect(watched.event(told(1, 1100))).toEqual([]);
  watched.beginDump();
  watched.collect(told(1, 1200), false);
  expect(short(watched.endDump(false))).toEqual([
    ['gone', 2, 1000],
    ['changed', 1, 1200],
  ]);
});

test('after a restart a link in a known state has routes dumped again, because its changes may have been lost', () => {
  const watched = new WatchedKind(KINDS.routes);
  watched.restart();
  expect(watched.needsDumpAfter(told(1, 1000))).toBe(true);
  expect(watched.needsDumpAfter(told(1, 1000))).toBe(false);
  watched.restart();
  expect(watched.needsDumpAfter(told(1, 1000))).toBe(true);
});
