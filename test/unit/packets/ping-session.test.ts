import { PingSession } from '../../../lib/packets/ping-session';
import type { EchoSocket } from '../../../lib/packets/ping-socket';

// On a clock of its own: what is sent when, and what counts as an answer.

const ENETUNREACH = 101;

beforeEach(() => jest.useFakeTimers({ now: 0 }));
afterEach(() => jest.useRealTimers());

/** A socket that notes what it is to send, and when. */
function fakeSocket(refuse: (sequence: number) => number = () => 0) {
  const sent: [sequence: number, time: number][] = [];
  const send = (sequence: number) => {
    sent.push([sequence, performance.now()]);
    return { errno: refuse(sequence), time: performance.now() };
  };
  return { sent, socket: { send } as unknown as EchoSocket };
}

const reply = (time: number) => ({ time, ttl: 64, from: '10.0.1.2' });

function begin(
  schedule: { count: number; interval: number; timeout: number },
  refuse?: (sequence: number) => number,
) {
  const { sent, socket } = fakeSocket(refuse);
  const session = new PingSession(schedule);
  return { session, sent, packets: session.run(socket) };
}

test('requests leave at their interval, whether they are answered or not', async () => {
  const { sent, packets } = begin({ count: 4, interval: 250, timeout: 400 });
  await jest.advanceTimersByTimeAsync(2000);
  expect(sent).toEqual([
    [1, 0],
    [2, 250],
    [3, 500],
    [4, 750],
  ]);
  expect((await packets).map(({ sequence, status }) => [sequence, status])).toEqual(
    [1, 2, 3, 4].map((sequence) => [sequence, 'timeout']),
  );
  expect(jest.getTimerCount()).toBe(0);
});

test('the result is there as soon as the last request is settled', async () => {
  const { session, packets } = begin({ count: 2, interval: 0, timeout: 1000 });
  await jest.advanceTimersByTimeAsync(5);
  session.replied(2, reply(4));
  session.replied(1, reply(3.25));
  expect((await packets).map(({ sequence }) => sequence)).toEqual([1, 2]);
  expect((await packets)[0]).toEqual({ sequence: 1, status: 'reply', rtt: 3.25, ttl: 64, from: '10.0.1.2' });
  expect(jest.getTimerCount()).toBe(0);
});

test('repeated, late and unknown answers do not count', async () => {
  const { session, packets } = begin({ count: 3, interval: 100, timeout: 50 });
  session.replied(1, reply(10));
  session.replied(1, reply(20));
  session.refused(1, { errno: ENETUNREACH });
  session.replied(9, reply(20));
  await jest.advanceTimersByTimeAsync(100);
  // it came too late, by the kernel's clock, but before we gave up
  session.replied(2, reply(150.5));
  await jest.advanceTimersByTimeAsync(100);
  session.replied(2, reply(110));
  await jest.advanceTimersByTimeAsync(100);
  session.replied(3, reply(210));
  expect((await packets).map(({ status, rtt }) => [status, rtt])).toEqual([
    ['reply', 10],
    ['timeout', undefined],
    ['timeout', undefined],
  ]);
});

test('what came in time counts, even if it is read after the timer', async () => {
  const { session, packets } = begin({ count: 1, interval: 0, timeout: 50 });
  // the timer has gone off, the turn of the event loop that reads is yet to come
  jest.advanceTimersToNextTimer();
  expect(performance.now()).toBe(51);
  session.replied(1, reply(49));
  await jest.runAllTimersAsync();
  expect(await packets).toMatchObject([{ status: 'reply', rtt: 49 }]);
});

test('a clock that was set cannot make a round trip negative', async () => {
  const { session, packets } = begin({ count: 1, interval: 0, timeout: 50 });
  session.replied(1, reply(-3));
  expect(await packets).toMatchObject([{ rtt: 0 }]);
});

test('what cannot be sent is unreachable, and the next one is tried all the same', async () => {
  const { session, packets } = begin({ count: 3, interval: 10, timeout: 50 }, (sequence) =>
    sequence === 2 ? 0 : ENETUNREACH,
  );
  await jest.advanceTimersByTimeAsync(10);
  session.replied(2, reply(11));
  await jest.advanceTimersByTimeAsync(10);
  expect(await packets).toEqual([
    { sequence: 1, status: 'unreachable', code: 'ENETUNREACH' },
    { sequence: 2, status: 'reply', rtt: 1, ttl: 64, from: '10.0.1.2' },
    { sequence: 3, status: 'unreachable', code: 'ENETUNREACH' },
  ]);
});

test('a late timer is made up for', async () => {
  const { sent, packets } = begin({ count: 4, interval: 10.4, timeout: 50 });
  await jest.advanceTimersByTimeAsync(200);
  expect(sent.map(([, time]) => time)).toEqual([0, 11, 21, 32]);
  await packets;
});

test('what was missed while the event loop was busy is not sent in a burst', async () => {
  let busy = 0;
  const now = performance.now.bind(performance);
  jest.spyOn(performance, 'now').mockImplementation(() => now() + busy);
  const { sent, packets } = begin({ count: 5, interval: 10, timeout: 50 }, (sequence) => {
    if (sequence === 2) busy = 35;
    return 0;
  });
  await jest.advanceTimersByTimeAsync(200);
  expect(sent.map(([, time]) => time)).toEqual([0, 10, 55, 65, 75]);
  await packets;
  jest.restoreAllMocks();
});

test('nothing is left of one that was stopped', async () => {
  const { session, sent } = begin({ count: 4, interval: 10, timeout: 50 });
  session.stop();
  session.replied(1, reply(1));
  await jest.advanceTimersByTimeAsync(200);
  expect(sent).toHaveLength(1);
  expect(jest.getTimerCount()).toBe(0);
});
