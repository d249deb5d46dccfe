import { createNetns, type Netns, setLink, waitForLink, type WaitForLinkOptions } from '../../../lib';
import { bridge, failure, ip, node, run } from '../../support/ip';

/** Not settled yet: a promise that is, comes first. */
const PENDING = Symbol('pending');
async function state<T>(promise: Promise<T>): Promise<T | typeof PENDING> {
  return Promise.race([promise, Promise.resolve(PENDING)]);
}

async function pair(): Promise<Netns> {
  const red = await createNetns('red');
  await run(red, 'ip', 'link', 'add', 'va', 'type', 'veth', 'peer', 'name', 'vb');
  return red;
}

describe('waitForLink', () => {
  test('at once where it is so already', async () => {
    await using red = await pair();
    await run(red, 'ip', 'link', 'set', 'va', 'up');
    const [shown] = await ip(red, 'link', 'show', 'va');
    expect(await waitForLink(red, 'va')).toMatchObject({
      name: 'va',
      index: shown!['ifindex'],
      mac: shown!['address'],
    });
    expect(await waitForLink(red, 'va', { up: true, carrier: false })).toMatchObject({ up: true });
    expect(await waitForLink(red, shown!['ifindex'] as number, { up: true })).toMatchObject({ name: 'va' });
  });

  test('a link that is yet to come, by whatever way it gets its name', async () => {
    await using red = await createNetns('red');
    await using blue = await createNetns('blue');
    const waits = ['created', 'renamed', 'moved', 'nicknamed'].map(async (name) =>
      waitForLink(red, name, { timeout: 9000 }),
    );
    // up, since of one that is down no event tells that it has got another name besides
    await run(red, 'ip', 'link', 'add', 'created', 'up', 'type', 'bridge');
    await run(red, 'ip', 'link', 'add', 'x', 'type', 'bridge');
    await run(red, 'ip', 'link', 'set', 'x', 'name', 'renamed');
    await run(blue, 'ip', 'link', 'add', 'moved', 'type', 'veth', 'peer', 'name', 'other');
    await run(undefined, 'ip', '-n', 'blue', 'link', 'set', 'moved', 'netns', 'red');
    await run(red, 'ip', 'link', 'property', 'add', 'dev', 'created', 'altname', 'nicknamed');
    const found = await Promise.all(waits);
    expect(found.map(({ name }) => name)).toEqual(['created', 'renamed', 'moved', 'created']);
  });

  test('up, and with a carrier once the other end is up', async () => {
    await using red = await pair();
    const up = waitForLink(red, 'va', { up: true });
    const carrier = waitForLink(red, 'va', { carrier: true });
    const down = waitForLink(red, 'vb', { up: true }).then(async () =>
      waitForLink(red, 'vb', { up: false, carrier: false }),
    );
    await run(red, 'ip', 'link', 'set', 'va', 'up');
    expect(await up).toMatchObject({ up: true, carrier: false });
    expect(await state(carrier)).toBe(PENDING);
    await run(red, 'ip', 'link', 'set', 'vb', 'up');
    expect(await carrier).toMatchObject({ up: true, carrier: true });
    await run(red, 'ip', 'link', 'set', 'vb', 'down');
    expect(await down).toMatchObject({ up: false });
  });

  test('a link that is deleted may come back', async () => {
    await using red = await pair();
    const up = waitForLink(red, 'va', { up: true });
    await run(red, 'ip', 'link', 'del', 'va');
    await run(red, 'ip', 'link', 'add', 'va', 'type', 'bridge');
    expect(await state(up)).toBe(PENDING);
    await run(red, 'ip', 'link', 'set', 'va', 'up');
    expect(await up).toMatchObject({ kind: 'bridge' });
  });

  test('the states of a port, through spanning tree to forwarding', async () => {
    await using red = await pair();
    await run(red, 'ip', 'link', 'add', 'br0', 'type', 'bridge', 'stp_state', '1', 'forward_delay', '200');
    for (const device of ['va', 'vb', 'br0']) await run(red, 'ip', 'link', 'set', device, 'up');
    const learning = waitForLink(red, 'va', { bridgePortState: 'learning' });
    const forwarding = waitForLink(red, 'va', { bridgePortState: 'forwarding', timeout: 15_000 });
    await run(red, 'ip', 'link', 'set', 'va', 'master', 'br0');
    expect(await learning).toMatchObject({ port: { state: 'learning' } });
    expect((await bridge(red, 'link')).map(({ state }) => state)).toEqual(['learning']);
    expect(await state(forwarding)).toBe(PENDING);
    await forwarding;
    expect((await bridge(red, 'link')).map(({ state }) => state)).toEqual(['forwarding']);
  });

  test.each<[options: WaitForLinkOptions, reason: string]>([
    [{ up: true }, 'it is down'],
    [{ carrier: true }, 'it has no carrier'],
    [{ bridgePortState: 'forwarding' }, 'it is no port of a bridge'],
  ])('in time it is not %p', async (options, reason) => {
    await using red = await pair();
    const start = performance.now();
    expect(await failure(waitForLink(red, 'va', { ...options, timeout: 100 }))).toMatchObject({
      name: 'NetnsError',
      code: 'ETIMEDOUT',
      errno: 110,
      netns: 'red',
      message: `ETIMEDOUT: wait for link va in namespace red: after 100 ms ${reason}`,
    });
    expect(performance.now() - start).toBeGreaterThan(95);
  });

  test('what was seen last is told', async () => {
    await using red = await createNetns('red');
    const missing = await failure(waitForLink(red, 'va', { timeout: 50 }));
    expect(missing.message).toBe('ETIMEDOUT: wait for link va in namespace red: after 50 ms it is not there');
    await run(red, 'ip', 'link', 'add', 'br0', 'type', 'bridge');
    await run(red, 'ip', 'link', 'add', 'va', 'master', 'br0', 'type', 'veth', 'peer', 'name', 'vb');
    const waiting = waitForLink(red, 'va', { up: true, bridgePortState: 'forwarding', timeout: 1000 });
    await run(red, 'ip', 'link', 'set', 'va', 'up');
    expect((await failure(waiting)).message).toBe(
      'ETIMEDOUT: wait for link va in namespace red: after 1000 ms its port is disabled',
    );
    expect(await failure(waitForLink(red, 'va', { timeout: 0, up: false }))).toMatchObject({
      code: 'ETIMEDOUT',
    });
  });

  test('with a timeout of 0 it looks once, whatever time that takes', async () => {
    await using red = await pair();
    await run(red, 'ip', 'link', 'set', 'va', 'up');
    expect(await waitForLink(red, 'va', { up: true, timeout: 0 })).toMatchObject({ name: 'va' });
    expect((await failure(waitForLink(red, 'vc', { timeout: 0 }))).message).toBe(
      'ETIMEDOUT: wait for link vc in namespace red: after 0 ms it is not there',
    );
    const reason = new Error('mine');
    const signal = AbortSignal.abort(reason);
    expect(await failure(waitForLink(red, 'va', { timeout: 0, signal }))).toBe(reason);
  });

  test('a signal ends it, before and after it has begun', async () => {
    await using red = await createNetns('red');
    const controller = new AbortController();
    const waiting = waitForLink(red, 'va', { signal: controller.signal });
    expect(await state(waiting)).toBe(PENDING);
    controller.abort(new Error('mine'));
    await expect(waiting).rejects.toThrow('mine');
    await expect(waitForLink(red, 'lo', { signal: controller.signal })).rejects.toThrow('mine');
  });

  test('closing the handle ends it; one that is closed is refused', async () => {
    const red = await createNetns();
    const waits = [waitForLink(red, 'va'), waitForLink(red, 'lo', { up: true, timeout: 5000 })];
    await setLink(red, 'lo', { mtu: 1500 });
    red.close();
    for (const wait of [...waits, waitForLink(red, 'lo')]) {
      expect(await failure(wait)).toMatchObject({ name: 'NetnsError', code: 'ERR_NETNS_CLOSED' });
    }
  });

  test('hundreds of waits at once, each for its own', async () => {
    await using red = await createNetns('red');
    const names = Array.from({ length: 200 }, (_, i) => `va${i}`);
    const waits = names.map(async (name) => waitForLink(red, name, { up: true, timeout: 15_000 }));
    const script = names.map((name) => `link add ${name} up type bridge`).join('\n');
    await run(red, 'sh', '-c', `echo '${script}' | ip -b -`);
    expect((await Promise.all(waits)).map(({ name }) => name)).toEqual(names);
  });

  test.each<[device: unknown, options: unknown, message: string]>([
    ['a/b', {}, "device: a device name must not hold '/'"],
    [0, {}, 'device: a device index is an integer from 1'],
    ['va', { up: 1 }, 'up: expected true or false, got 1'],
    ['va', { carrier: 'yes' }, 'carrier: expected true or false, got "yes"'],
    ['va', { bridgePortState: 'open' }, 'bridgePortState: expected one of disabled, listening'],
    ['va', { timeout: -1 }, 'timeout: expected milliseconds, from 0 to 2147483646, got -1'],
    ['va', { timeout: NaN }, 'timeout: expected milliseconds, from 0'],
    ['va', { timeout: '1' }, 'timeout: expected milliseconds, from 0'],
  ])('%p with %p is refused', async (device, options, message) => {
    await using red = await createNetns();
    await expect(waitForLink(red, device as string, options as WaitForLinkOptions)).rejects.toThrow(message);
  });

  test('what is there is found, however short the timeout', async () => {
    await using red = await createNetns();
    for (let i = 0; i < 30; i++) {
      expect(await waitForLink(red, 'lo', { timeout: 1 })).toMatchObject({ name: 'lo' });
    }
  });

  test('a socket that cannot be opened is a typed error', async () => {
    await using red = await createNetns('red');
    const told = await node(
      `const { closeSync, openSync } = require('node:fs');
      const netns = await rtnetns.openNetns('${red.toString()}');
      await rtnetns.waitForLink(netns, 'lo'); // loads what it needs
      const held = [];
      try {
        for (;;) held.push(openSync('/dev/null'));
      } catch {}
      const result = await told(rtnetns.waitForLink(netns, 'none'));
      held.forEach(closeSync);
      say(result);`,
      ...['prlimit', '--nofile=64:64'],
    );
    expect(told).toEqual([
      {
        name: 'NetnsError',
        code: 'EMFILE',
        message: expect.stringMatching(
          /^EMFILE: wait for link none in namespace red: this process has no/,
        ) as string,
      },
    ]);
  });
});
