import { createNetns, type RawAttribute, type RawRequest, requestRaw } from '../../../lib';
import { failure, ip } from '../../support/ip';

/** linux/rtnetlink.h, linux/netlink.h, linux/if_link.h, linux/if_addr.h */
const RTM = { newLink: 16, getLink: 18, newAddr: 20 };
const NLM_F = { multi: 2, excl: 0x200, create: 0x400 };
const IFLA_IFNAME = 3;
const IFA_LOCAL = 2;

const text = (attributes: readonly RawAttribute[], type: number) =>
  Buffer.from(attributes.find((one) => one.type === type)?.data ?? [])
    .toString('latin1')
    .replace(/\0$/, '');

/** struct ifaddrmsg */
const ifaddrmsg = (index: number) => {
  const header = Buffer.alloc(8);
  header.set([2, 24, 0, 0]); // AF_INET, the prefix, flags, scope
  header.writeUInt32LE(index, 4);
  return header;
};

describe('requestRaw', () => {
  test('a dump is what ip lists', async () => {
    await using red = await createNetns();
    const links = await requestRaw(red, { type: RTM.getLink, header: new Uint8Array(16), dump: true });
    expect(links).toHaveLength(1);
    const [
      { type, flags, header, attributes } = { type: 0, flags: 0, header: Buffer.alloc(8), attributes: [] },
    ] = links;
    expect({ type, multi: flags & NLM_F.multi }).toEqual({ type: RTM.newLink, multi: NLM_F.multi });
    expect(Buffer.from(header).readUInt32LE(4)).toBe(1);
    expect([text(attributes, IFLA_IFNAME)]).toEqual((await ip(red, 'link')).map(({ ifname }) => ifname));
  });

  test('a change is made, and what is there already is refused with the kernel’s error', async () => {
    await using red = await createNetns();
    const request: RawRequest = {
      ...{ type: RTM.newAddr, flags: NLM_F.create | NLM_F.excl, header: ifaddrmsg(1) },
      attributes: [{ type: IFA_LOCAL, data: Uint8Array.of(10, 0, 0, 1) }],
    };
    expect(await requestRaw(red, request)).toEqual([]);
    const [lo] = await ip(red, 'addr');
    expect(lo).toMatchObject({ addr_info: [{ local: '10.0.0.1', prefixlen: 24 }] });
    const error = await failure(requestRaw(red, request));
    expect(error).toMatchObject({ name: 'NetlinkError', code: 'EEXIST' });
    expect(error.message).toContain('send a message of type 20 in namespace');
  });

  test('what the kernel does not know', async () => {
    await using red = await createNetns();
    const error = await failure(requestRaw(red, { type: 0xfff0, header: new Uint8Array(4) }));
    expect(error).toMatchObject({ name: 'NetlinkError', code: 'EOPNOTSUPP' });
    const nothing = await failure(requestRaw(red, { type: RTM.getLink, header: new Uint8Array(2) }));
    expect(nothing).toMatchObject({ name: 'NetlinkError', code: 'EINVAL' });
  });

  test.each<[request: object, message: string]>([
    [{ header: new Uint8Array(16) }, 'type: it has to be given'],
    [{ type: 3, header: new Uint8Array(16) }, 'type: expected an integer from 16 to 65535, got 3'],
    [{ type: 18, header: 'abc' }, 'header: expected bytes, got "abc"'],
    [{ type: 18, header: new Uint8Array(0) }, 'header.length: expected an integer from 1 to 65535, got 0'],
    [
      { type: 18, header: new Uint8Array(16), attributes: [{ type: 3 }] },
      'attributes[0].data: it has to be given',
    ],
  ])('%j is refused before any system call', async (request, message) => {
    await using red = await createNetns();
    expect((await failure(requestRaw(red, request as RawRequest))).message).toBe(message);
  });
});
