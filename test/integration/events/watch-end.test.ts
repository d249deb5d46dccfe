// How a watch ends, and what it refuses. That nothing is left open, the check after each test sees.
import { readdirSync } from 'node:fs';
import {
  createNetns,
  currentNetns,
  type Netns,
  setLink,
  watch,
  type WatchEvent,
  type WatchSelection,
} from '../../../lib';
import { failure, node, run } from '../../support/ip';

const descriptors = () => readdirSync('/proc/self/fd').length;

async function untilReady(events: AsyncIterator<WatchEvent, undefined>): Promise<void> {
  for (;;) {
    const { value } = await events.next();
    if (value === undefined || value.kind === 'ready') return;
  }
}

// The system calls are made to fail by strace(1).
const injected = async (injection: string, source: string) =>
  node(source, 'strace', '-f', '-qq', '-o', '/dev/null', '-e', `inject=${injection}`);

describe('watch', () => {
  test('leaving the loop closes the socket', async () => {
    await using red = await createNetns();
    const before = descriptors();
    const events = watch(red, { links: true });
    expect(descriptors()).toBe(before);
    for await (const event of events) {
      expect(descriptors()).toBeGreaterThan(before);
      if (event.kind === 'ready') break;
    }
    expect(await events.next()).toEqual({ value: undefined, done: true });
  });

  test('so does an error in it, and the end of its scope', async () => {
    await using red = await createNetns();
    const loop = async () => {
      for await (const event of watch(red)) if (event.kind === 'ready') throw new Error('mine');
    };
    await expect(loop()).rejects.toThrow('mine');
    await using events = watch(red);
    await untilReady(events);
  });

  test('return() ends it while next() waits', async () => {
    await using red = await createNetns();
    const events = watch(red, { links: true });
    await untilReady(events);
    const waiting = [events.next(), events.next()];
    expect(await events.return()).toEqual({ value: undefined, done: true });
    expect(await Promise.all(waiting)).toEqual([
      { value: undefined, done: true },
      { value: undefined, done: true },
    ]);
  });

  test('never begun, it opens nothing; ended before, it begins no more', async () => {
    await using red = await createNetns();
    const before = descriptors();
    watch(red);
    const ended = watch(red);
    await ended.return();
    expect(await ended.next()).toEqual({ value: undefined, done: true });
    expect(descriptors()).toBe(before);
  });

  test('several calls of next() at once are answered in order', async () => {
    await using red = await createNetns();
    await run(red, 'ip', 'link', 'add', 'br0', 'type', 'bridge');
    const events = watch(red, { links: true });
    const all = await Promise.all([events.next(), events.next(), events.next()]);
    expect(all.map(({ value }) => (value?.kind === 'link' ? value.link.name : value?.kind))).toEqual([
      'lo',
      'br0',
      'ready',
    ]);
    const next = events.next();
    await setLink(red, 'br0', { mtu: 1400 });
    expect(await next).toMatchObject({ value: { change: 'changed' } });
    await events.return();
  });

  describe('an aborted signal', () => {
    test('before it begins', async () => {
      await using red = await createNetns();
      const before = descriptors();
      const events = watch(red, {}, { signal: AbortSignal.abort(new Error('mine')) });
      await expect(events.next()).rejects.toThrow('mine');
      expect(await events.next()).toEqual({ value: undefined, done: true });
      expect(descriptors()).toBe(before);
    });

    test('while it begins, while it waits, and with events that nobody has taken', async () => {
      await using red = await createNetns();
      for (const when of ['begins', 'waits', 'has some']) {
        const { signal, abort } = aborter();
        const events = watch(red, { links: true }, { signal });
        const first = events.next();
        if (when === 'begins') {
          abort();
          await expect(first).rejects.toThrow('mine');
          continue;
        }
        if (when === 'waits') await untilReady(events);
        else await first;
        const waiting = when === 'waits' ? events.next() : undefined;
        abort();
        await expect(waiting ?? events.next()).rejects.toThrow('mine');
        expect(await events.next()).toEqual({ value: undefined, done: true });
      }
    });

    function aborter() {
      const controller = new AbortController();
      return { signal: controller.signal, abort: () => controller.abort(new Error('mine')) };
    }
  });

  test('closing the handle ends it with an error; one that is closed begins none', async () => {
    const red = await createNetns();
    const [some, others, late] = [watch(red), watch(red, { links: true }), watch(red)];
    await untilReady(some);
    const waiting = some.next();
    const beginning = others.next();
    red.close();
    const closed = { name: 'NetnsError', code: 'ERR_NETNS_CLOSED' };
    expect(await failure(waiting)).toMatchObject(closed);
    expect(await failure(beginning)).toMatchObject(closed);
    expect(await failure(late.next())).toMatchObject(closed);
    expect(await failure(watch(red).next())).toMatchObject(closed);
  });

  test('many watches of one handle are no reason for a warning', async () => {
    await using red = await createNetns();
    const warnings: Error[] = [];
    const warn = (warning: Error) => warnings.push(warning);
    process.on('warning', warn);
    const all = Array.from({ length: 50 }, () => watch(red, { links: true }));
    await Promise.all(all.map(untilReady));
    await Promise.all(all.map(async (events) => events.return()));
    await new Promise((resolve) => setImmediate(resolve));
    process.off('warning', warn);
    expect(warnings).toEqual([]);
  });

  test('a watch keeps the process alive until it has ended', async () => {
    const told = await node(`
    const red = await rtnetns.createNetns();
    process.on('exit', () => say('exit'));
    for await (const event of rtnetns.watch(red, { links: true })) {
      say(event.change ?? event.kind);
      if (event.kind === 'ready') setTimeout(() => rtnetns.setLink(red, 'lo', { mtu: 1500 }), 300).unref();
      if (event.change === 'changed') break;
    }`);
    expect(told).toEqual(['present', 'ready', 'changed', 'exit']);
  });

  test('no rights are needed to watch the own namespace', async () => {
    const told = await node(
      `for await (const event of rtnetns.watch(await rtnetns.currentNetns())) if (event.kind === 'ready') break;
    say('ready');`,
      ...['setpriv', '--bounding-set=-all', '--inh-caps=-all', '--ambient-caps=-all'],
    );
    expect(told).toEqual(['ready']);
  });

  test.each<[selection: unknown, message: string]>([
    [{ link: true }, "link: there is no such option; did you mean 'links'?"],
    [{ links: 'yes' }, 'links: expected true or false, got "yes"'],
    [{ links: false }, 'expected at least one of links, addrs, routes, neighbors, rules, nsids'],
  ])('of %p it refuses to tell', async (selection, message) => {
    await using red = await createNetns();
    expect(() => watch(red, selection as WatchSelection)).toThrow(message);
  });

  test.each([0, -1, 1.5, NaN, 2 ** 31, '1' as unknown as number])(
    'a receive buffer of %p is refused',
    async (receiveBuffer) => {
      await using red = await createNetns();
      expect(() => watch(red, {}, { receiveBuffer })).toThrow(
        'receiveBuffer: expected an integer from 1 to 1073741823, got ',
      );
    },
  );

  test('the own namespace, by the handle that needs no entering', async () => {
    await using here: Netns = await currentNetns();
    await untilReady(watch(here, { links: true }, { signal: AbortSignal.timeout(10_000) }));
    here.close();
  });

  test.each([
    [
      'socket:error=EMFILE:when=1',
      'NetnsError',
      'EMFILE: watch namespace red: this process has no descriptor left',
    ],
    ['setsockopt:error=ENOPROTOOPT:when=6', 'NetnsError', 'ENOPROTOOPT: watch namespace red: '],
    ['sendto:error=EPERM:when=1', 'NetnsError', 'EPERM: watch namespace red: '],
    ['recvmmsg:error=ENOMEM:when=1', 'NetlinkError', 'ENOMEM: receive events in namespace red'],
  ])('%s ends it with a typed error, and nothing is left', async (injection, name, message) => {
    await using red = await createNetns('red');
    const told = await injected(
      injection,
      `const { readdirSync } = require('node:fs');
    const red = await rtnetns.openNetns(${JSON.stringify(red.name)});
    say('begins');
    await new Promise((resolve) => process.stdout.write('\\n', resolve)); // for which node opens what it needs
    const before = readdirSync('/proc/self/fd').length;
    const events = rtnetns.watch(red, { links: true });
    say(await told(events.next()));
    say(await told(events.next()));
    while (readdirSync('/proc/self/fd').length > before) await new Promise(setImmediate);`,
    );
    expect(told).toEqual([
      'begins',
      { name, code: message.split(':')[0], message: expect.stringContaining(message) as string },
      { value: { done: true } },
    ]);
  });

  test('the kernel says that it has dropped events, before anything has been told, and in the midst of it', async () => {
    await using red = await createNetns('red');
    for (const when of [1, 2, 3]) {
      const told = await injected(
        `recvmmsg:error=ENOBUFS:when=${when}`,
        `const red = await rtnetns.openNetns(${JSON.stringify(red.name)});
      for await (const event of rtnetns.watch(red, { links: true, nsids: true })) {
        say(event.change ?? event.kind);
        if (event.kind === 'ready') break;
      }`,
      );
      expect(told).toEqual(['present', 'ready']);
    }
  });
});
