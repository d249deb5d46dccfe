import { capture, createNetns, type Netns } from '../../../lib';
import { failure, node } from '../../support/ip';
import { netnsWithPair } from '../../support/namespaces';

// Captures that are refused: by the kernel, or before it is asked.

let red: Netns;

describe('capture', () => {
  beforeAll(async () => {
    red = await netnsWithPair('capture-red', { up: true });
  });

  afterAll(async () => red[Symbol.asyncDispose]());

  test.each<[string, number[][]]>([
    ['without an end', [[0, 0, 0, 0]]],
    [
      'with a jump beyond it',
      [
        [0x15, 5, 5, 0],
        [6, 0, 0, 1],
      ],
    ],
    [
      'with an unknown instruction',
      [
        [0xffff, 0, 0, 0],
        [6, 0, 0, 1],
      ],
    ],
    [
      'that divides by zero',
      [
        [0x34, 0, 0, 0],
        [6, 0, 0, 1],
      ],
    ],
  ])('a filter that the kernel refuses: %s', async (_, filter) => {
    const packets = capture(red, 'eth0', { filter: filter as never });
    const error = { name: 'NetnsError', code: 'EINVAL', errno: 22, netns: 'capture-red' };
    expect(await failure(packets.ready)).toMatchObject(error);
    expect(await failure(packets.next())).toMatchObject(error);
    expect((await failure(capture(red, 'eth0', { filter: filter as never }).next())).message).toContain(
      'the kernel refuses the filter',
    );
  });

  test.each<[string, unknown, object, string]>([
    ['a device', '', {}, 'device: a device name must not be empty, got ""'],
    ['a device', 0, {}, 'device: a device index is an integer from 1 to 2147483647, got 0'],
    ['snaplen', 'eth0', { snaplen: 0 }, 'snaplen: expected an integer from 1 to 262144, got 0'],
    ['count', 'eth0', { count: 1.5 }, 'count: expected an integer from 1 to'],
    ['duration', 'eth0', { duration: -1 }, 'duration: expected an integer from 0 to'],
    ['buffer', 'eth0', { buffer: 'large' }, 'buffer: expected an integer from 1 to'],
    ['promiscuous', undefined, { promiscuous: true }, 'promiscuous: it is for one device, got none'],
    ['signal', 'eth0', { signal: {} }, 'signal: expected an AbortSignal, got [object Object]'],
    ['filter', 'eth0', { filter: 'icmp' }, 'filter: expected a list of instructions'],
    ['filter', 'eth0', { filter: [] }, 'filter: a program has 1 to 4096 instructions, got 0'],
    [
      'filter',
      'eth0',
      { filter: [[6, 0, 0, 0], [6]] },
      'filter[1]: expected an instruction [code, jt, jf, k], got [6]',
    ],
    [
      'filter',
      'eth0',
      { filter: [[6, 256, 0, 0]] },
      'filter[0].jt: expected an integer from 0 to 255, got 256',
    ],
    ['filter', 'eth0', { filter: [[6, 0, 0, '1']] }, 'filter[0].k: expected a number, got "1"'],
  ])('an option that is refused at once: %s', (_, device, options, message) => {
    const call = () => capture(red, device as never, options);
    expect(call).toThrow(message);
  });

  test('a closed handle', async () => {
    const netns = await createNetns();
    netns.close();
    expect(await failure(capture(netns).ready)).toMatchObject({ code: 'ERR_NETNS_CLOSED' });
    expect(await failure(capture(netns, 'eth0').next())).toMatchObject({ code: 'ERR_NETNS_CLOSED' });
  });

  test('without the right to packet sockets', async () => {
    const [told] = await node(
      `const red = await rtnetns.openNetns('capture-red');
    say(await told(rtnetns.capture(red, 'eth0').next()));`,
      ...['setpriv', '--bounding-set=-net_raw', '--inh-caps=-net_raw'],
    );
    expect(told).toMatchObject({ name: 'NetnsError', code: 'EPERM' });
    expect((told as Error).message).toMatch(
      /: CAP_NET_RAW is missing in the user namespace .*: run as root, give the process the capability, /,
    );
  });

  test('without the right to enter the namespace', async () => {
    const [told] = await node(
      `const red = await rtnetns.openNetns('capture-red');
    say(await told(rtnetns.capture(red).next()));`,
      ...['setpriv', '--bounding-set=-sys_admin', '--inh-caps=-sys_admin'],
    );
    expect(told).toMatchObject({ name: 'NetnsError', code: 'EPERM' });
    expect((told as Error).message).toContain(': CAP_SYS_ADMIN is missing');
  });
});
