// More happens than is read: by the kernel's socket, or by the consumer.
import {
  addAddr,
  addRoute,
  createNetns,
  deleteLink,
  type Netns,
  removeAddr,
  setLink,
  watch,
  type WatchEvent,
} from '../../../lib';
import { ip, run } from '../../support/ip';
import { subnets } from '../../support/namespaces';
import { asIp, caughtUp, Follower } from '../../support/watching';

const COUNT = 2000;

/** Thousands of changes of all kinds, of which some remain. */
async function storm(red: Netns): Promise<void> {
  const numbers = Array.from({ length: COUNT }, (_, i) => i);
  await Promise.all(
    numbers.map(async (i) => {
      const addr = `10.${100 + (i >> 8)}.${i & 255}.1/24`;
      await Promise.all([
        setLink(red, 'eth0', { mtu: 1300 + (i % 150) }),
        addAddr(red, 'eth1', addr),
        addRoute(red, { to: `10.${50 + (i >> 8)}.${i & 255}.0/24`, via: '10.0.0.9' }),
      ]);
      if (i % 3 !== 0) await removeAddr(red, 'eth1', addr);
    }),
  );
}

describe('watch', () => {
  test('with a tiny buffer and thousands of changes, what the events add up to is what ip shows', async () => {
    await using red = await subnets();
    await using all = await new Follower(red, undefined, { receiveBuffer: 1 }).ready();
    await storm(red);
    await run(red, 'ip', 'link', 'set', 'eth0', 'down');
    await all.until(() => all.state('addr').length >= COUNT / 3);
    await caughtUp(red, all);
    const recovered = all.events.filter((event) => 'recovered' in event);
    expect(recovered.length).toBeGreaterThan(100);
    expect(new Set(recovered.map(({ kind }) => kind))).toEqual(new Set(['link', 'addr', 'route']));
    expect(
      all.events.filter((event) => 'change' in event && event.change === 'present' && event.recovered),
    ).toEqual([]);
    expect((await asIp(red, all)).watchSays.addrs!.length).toBeGreaterThan(COUNT / 3);
    // and on it goes, as if nothing had been
    const before = all.events.length;
    await run(red, 'ip', 'link', 'set', 'eth0', 'mtu', '1499');
    await all.until(() =>
      all.events.slice(before).some((event) => event.kind === 'link' && event.link.mtu === 1499),
    );
  });

  test('overrun before it has begun, it begins nevertheless', async () => {
    await using red = await subnets();
    const storming = storm(red);
    await using all = await new Follower(red, undefined, { receiveBuffer: 1 }).ready();
    await storming;
    await all.until(() => all.state('addr').length >= COUNT / 3);
    await caughtUp(red, all);
  });

  test('with an ordinary buffer, ten thousand changes at once arrive one by one', async () => {
    await using red = await createNetns('red');
    await run(red, 'ip', 'link', 'add', 'br0', 'type', 'bridge');
    await using links = await new Follower(red, { links: true }).ready();
    for (let i = 0; i < 100; i++) {
      await Promise.all(
        Array.from({ length: 100 }, async (_, j) =>
          setLink(red, 'br0', { mtu: 1000 + ((100 * i + j) % 1000) }),
        ),
      );
    }
    const mtus = () =>
      links.events.flatMap((event) =>
        event.kind === 'link' && event.change === 'changed' ? [event.link.mtu] : [],
      );
    await links.until(() => mtus().length === 10_000);
    expect(mtus()).toEqual(Array.from({ length: 10_000 }, (_, i) => 1000 + (i % 1000)));
    expect(links.events.some((event) => 'recovered' in event)).toBe(false);
  });

  test('while the consumer is away, memory does not grow with what happens; it is told the difference', async () => {
    await using red = await createNetns('red');
    await run(red, 'ip', 'link', 'add', 'br0', 'type', 'bridge');
    await run(red, 'ip', 'link', 'add', 'br1', 'type', 'bridge');
    await using links = watch(red, { links: true });
    const take = async (): Promise<WatchEvent> => {
      const { value, done } = await links.next();
      if (done === true) throw new Error('it has ended');
      return value;
    };
    while ((await take()).kind !== 'ready');
    for (let i = 0; i < 250; i++) {
      await Promise.all(
        Array.from({ length: 100 }, async (_, j) => setLink(red, 'br0', { mtu: 1000 + ((i + j) % 1000) })),
      );
    }
    await deleteLink(red, 'br1');
    await setLink(red, 'br0', { mtu: 555 });
    const events: WatchEvent[] = [];
    do events.push(await take());
    while (
      !events.some((event) => event.kind === 'link' && event.link.mtu === 555) ||
      !events.some((event) => 'change' in event && event.change === 'gone')
    );
    expect(events.length).toBeGreaterThan(16_384);
    expect(events.length).toBeLessThan(17_500);
    const recovered = events.filter((event) => 'recovered' in event);
    expect(recovered).toMatchObject([
      { kind: 'link', change: 'gone', link: { name: 'br1' } },
      { kind: 'link', change: 'changed', link: { name: 'br0', mtu: 555 }, changes: ['mtu'] },
    ]);
    expect(events.slice(-2)).toEqual(recovered);
    expect((await ip(red, 'link')).find(({ ifname }) => ifname === 'br0')).toMatchObject({ mtu: 555 });
    // and then it listens again
    await setLink(red, 'br0', { mtu: 777 });
    expect(await take()).toMatchObject({ change: 'changed', link: { mtu: 777 } });
  });
});
