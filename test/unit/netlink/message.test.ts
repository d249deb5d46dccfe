import { Bytes } from '../../../lib/netlink/bytes';
import { MalformedError } from '../../../lib/netlink/codec';
import {
  encode,
  type Message,
  messages,
  readAcknowledgement,
  repliesTo,
  setSequence,
  walkMessages,
} from '../../../lib/netlink/message';
import { nsid } from '../../../lib/netlink/rtnetlink/nsid';
import { expectBytes } from '../support/hex';

const NLMSG_ERROR = 2;
const NLMSG_DONE = 3;
const NLM_F_CAPPED = 0x100;
const NLM_F_ACK_TLVS = 0x200;

const bytesOf = (content: string): Buffer => Buffer.from(content.replaceAll(' ', ''), 'hex');

describe('a message that goes out', () => {
  test('header, struct, attributes; the number comes later', () => {
    const message = encode(88, 0x605, nsid.codec, { family: 0, nsid: 7 });
    expectBytes(message, bytesOf('1c000000 5800 0506 00000000 00000000 00000000 08000100 07000000'));
    setSequence(message, 0x01020304);
    expectBytes(message, bytesOf('1c000000 5800 0506 04030201 00000000 00000000 08000100 07000000'));
  });

  test('its number is written into its own bytes, not into a neighbour’s', () => {
    const pool = Buffer.alloc(64);
    setSequence(pool.subarray(24, 44), 1);
    expect(pool.indexOf(1)).toBe(32);
  });

  test('is aligned, its length without what its last attribute is padded with counting as ip counts', () => {
    const unknown = [{ type: 9, data: Buffer.from([1]) }];
    const message = encode(88, 0, nsid.codec, { unknown });
    expect(message).toHaveLength(28);
    expect(message.readUInt32LE(0)).toBe(28);
  });
});

describe('messages that come in', () => {
  const one = '14000000 0300 0200 01000000 aa000000 00000000';
  const short = '12000000 0300 0200 02000000 aa000000 0102';

  test('one behind the other', () => {
    const from = new Bytes(bytesOf(one + short + '0000' + one));
    const all = [...messages(from)];
    expect(all.map(({ sequence, start, end }) => [sequence, start, end])).toEqual([
      [1, 16, 20],
      [2, 36, 38],
      [1, 56, 60],
    ]);
    expect(all[0]).toMatchObject({ type: 3, flags: 2, from });
  });

  test('the last may end without padding', () => {
    expect([...messages(new Bytes(bytesOf(short)))]).toHaveLength(1);
    expect([...messages(new Bytes(Buffer.alloc(0)))]).toEqual([]);
  });

  test.each([
    ['less than a header', '14000000 0300', '6 bytes after the last message'],
    [
      'a length below that of the header',
      '0f000000 0300 0200 01000000 aa000000',
      'a message claims 15 of 16 bytes',
    ],
    ['a length of 0', '00000000 0300 0200 01000000 aa000000', 'a message claims 0 of 16 bytes'],
    [
      'a length beyond the end',
      '15000000 0300 0200 01000000 aa000000 00000000',
      'a message claims 21 of 20 bytes',
    ],
    ['the largest length', 'ffffffff 0300 0200 01000000 aa000000', 'a message claims 4294967295 of 16 bytes'],
  ])('%s', (_, content, reason) => {
    const before = bytesOf(one);
    const from = new Bytes(Buffer.concat([before, bytesOf(content)]));
    const read = messages(from);
    expect(read.next().value).toMatchObject({ sequence: 1 });
    expect(() => read.next()).toThrow(new MalformedError(reason));
  });
});

describe('an acknowledgement', () => {
  const header = '20000000 1000 0500 01000000 00000000';
  const sentence = '08000100 4e6f2100';
  const offset = '08000200 18000000';

  function read(type: number, flags: number, content: string) {
    const bytes = bytesOf(content);
    const message: Message = {
      type,
      flags,
      sequence: 1,
      from: new Bytes(bytes),
      start: 0,
      end: bytes.length,
    };
    return readAcknowledgement(message);
  }

  test('of success', () => {
    const { errno } = read(NLMSG_ERROR, NLM_F_CAPPED, `00000000 ${header}`);
    // -0 is not the same to Object.is
    expect(errno).toBe(0);
  });

  test('of failure', () => {
    expect(read(NLMSG_ERROR, NLM_F_CAPPED, `efffffff ${header}`)).toEqual({ errno: 17 });
  });

  test('with words, behind the header or behind the whole request that it quotes', () => {
    const told = { errno: 22, sentence: 'No!', offset: 0x18 };
    const capped = `eaffffff ${header} ${sentence} ${offset}`;
    expect(read(NLMSG_ERROR, NLM_F_CAPPED | NLM_F_ACK_TLVS, capped)).toEqual(told);
    const whole = `eaffffff ${header} 00000000 14000000 01000000 01000000 ${sentence} ${offset}`;
    expect(read(NLMSG_ERROR, NLM_F_ACK_TLVS, whole)).toEqual(told);
  });

  test('at the end of a dump it quotes nothing', () => {
    expect(read(NLMSG_DONE, 2, '00000000')).toEqual({ errno: 0 });
    expect(read(NLMSG_DONE, 2 | NLM_F_ACK_TLVS, `edffffff ${sentence}`)).toEqual({
      errno: 19,
      sentence: 'No!',
    });
  });

  test('what it says and we do not know is kept', () => {
    const policy = '08000480 00000000';
    expect(read(NLMSG_ERROR, NLM_F_CAPPED | NLM_F_ACK_TLVS, `eaffffff ${header} ${policy}`)).toMatchObject({
      errno: 22,
      unknown: [{ type: 0x8004 }],
    });
  });

  test.each([
    ['nothing', NLMSG_ERROR, 0, ''],
    ['three bytes', NLMSG_DONE, 0, '000000'],
    ['words but no request', NLMSG_ERROR, NLM_F_ACK_TLVS, 'eaffffff 20000000'],
    ['words but half a header', NLMSG_ERROR, NLM_F_ACK_TLVS | NLM_F_CAPPED, 'eaffffff 20000000 10000500'],
    ['a request that is longer than it', NLMSG_ERROR, NLM_F_ACK_TLVS, `eaffffff ${header} 00000000`],
    // as a signed number this length is negative
    ['a request of 2 GB', NLMSG_ERROR, NLM_F_ACK_TLVS, `eaffffff 20000080 1000 0500 01000000 00000000`],
    [
      'a sentence that is cut off',
      NLMSG_ERROR,
      NLM_F_ACK_TLVS | NLM_F_CAPPED,
      `eaffffff ${header} 09000100 4e6f2100`,
    ],
    [
      'an offset of three bytes',
      NLMSG_ERROR,
      NLM_F_ACK_TLVS | NLM_F_CAPPED,
      `eaffffff ${header} 07000200 180000`,
    ],
  ])('that holds %s is malformed', (_, type, flags, content) => {
    expect(() => read(type, flags, content)).toThrow(MalformedError);
  });
});

describe('a long list of messages', () => {
  // of the numbers 1, 2 and 1, of which the last is the end
  const numbered = ([number, type]: readonly [number, number]) => {
    const message = bytesOf(
      `14000000 ${type === NLMSG_DONE ? '0300' : '1800'} 1200 00000000 00000000 00000000`,
    );
    setSequence(message, number);
    return message;
  };
  const list = Buffer.concat(
    (
      [
        [1, 24],
        [2, 24],
        [1, 24],
        [1, NLMSG_DONE],
      ] as const
    ).map(numbered),
  );

  test('is walked as its messages are', () => {
    const from = new Bytes(list);
    const visited: Omit<Message, 'from'>[] = [];
    walkMessages(from, (at, length, type, flags, sequence) => {
      visited.push({ type, flags, sequence, start: at + 16, end: at + length });
    });
    expect(visited).toEqual([...messages(from)].map(({ from: _, ...message }) => message));
  });

  test('has the replies to a number, without the end, either way', () => {
    const replies = repliesTo(new Bytes(list), 1);
    const visited: Message[] = [];
    replies.forEach((reply) => visited.push(reply));
    expect(visited.map(({ start }) => start)).toEqual([16, 56]);
    expect([...replies]).toEqual(visited);
  });

  test.each([1, 15, 17, 39])('that is cut off after %i bytes is malformed', (length) => {
    const cut = new Bytes(list.subarray(0, length));
    const walk = () => {
      walkMessages(cut, () => undefined);
    };
    expect(walk).toThrow(MalformedError);
    expect(() => [...messages(cut)]).toThrow(MalformedError);
  });
});
