import { createNetns, createVeth, type Netns, type WatchEvent } from '../../../lib';
import { run } from '../../support/ip';
import { caughtUp, Follower } from '../../support/watching';

/** 'new tbf 1:', 'gone prio 2:' */
function qdiscEvents({ events }: Follower): string[] {
  return events.flatMap((event: WatchEvent) =>
    event.kind === 'qdisc' ? [`${event.change} ${event.qdisc.kind} ${event.qdisc.handle}`] : [],
  );
}

async function pair(): Promise<Netns> {
  const red = await createNetns();
  await createVeth({ netns: red, name: 'eth0', up: true }, { netns: red, name: 'eth1', up: true });
  return red;
}

const tc = async (netns: Netns, ...args: string[]) => run(netns, 'tc', ...args);

describe('watch', () => {
  test('a queueing discipline comes, changes and goes, and with it what is below', async () => {
    await using red = await pair();
    await tc(red, ...'qdisc add dev eth1 root handle 9: pfifo'.split(' '));
    await using qdiscs = await new Follower(red, { qdiscs: true }).ready();
    expect(qdiscEvents(qdiscs)).toEqual(['present pfifo 9:']);
    await tc(red, ...'qdisc add dev eth0 root handle 1: htb'.split(' '));
    await tc(red, ...'class add dev eth0 parent 1: classid 1:1 htb rate 1gbit'.split(' '));
    await tc(red, ...'qdisc add dev eth0 parent 1:1 handle 11: pfifo limit 5'.split(' '));
    await tc(red, ...'qdisc change dev eth0 parent 1:1 handle 11: pfifo limit 6'.split(' '));
    await tc(red, ...'qdisc del dev eth0 root'.split(' '));
    await qdiscs.until(() => qdiscEvents(qdiscs).filter((one) => one.startsWith('gone')).length === 2);
    expect(qdiscEvents(qdiscs).slice(1, 4)).toEqual(['new htb 1:', 'new pfifo 11:', 'changed pfifo 11:']);
    expect(qdiscEvents(qdiscs).slice(4).sort()).toEqual(['gone htb 1:', 'gone pfifo 11:']);
    const changed = qdiscs.events.find((event) => event.kind === 'qdisc' && event.change === 'changed');
    expect(changed).toMatchObject({
      changes: ['pfifo'],
      before: { pfifo: { limit: 5 } },
      qdisc: { pfifo: { limit: 6 } },
    });
  });

  test('a queueing discipline goes with its device, and one that the kernel gives a device is none', async () => {
    await using red = await pair();
    await tc(red, ...'qdisc add dev eth0 root handle 1: pfifo'.split(' '));
    await using qdiscs = await new Follower(red, { qdiscs: true, links: true }).ready();
    await run(red, 'ip', 'link', 'set', 'lo', 'up');
    await run(red, 'ip', 'link', 'del', 'eth0');
    await qdiscs.until(() => qdiscEvents(qdiscs).length === 2);
    await caughtUp(red, qdiscs);
    expect(qdiscEvents(qdiscs)).toEqual(['present pfifo 1:', 'gone pfifo 1:']);
  });
});
