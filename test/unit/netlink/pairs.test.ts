import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { channels } from '../../../lib/ethtool/tables/channels';
import { linkInfo, linkModes, linkState } from '../../../lib/ethtool/tables/link';
import { pause } from '../../../lib/ethtool/tables/pause';
import { rings } from '../../../lib/ethtool/tables/rings';
import { Bytes } from '../../../lib/netlink/bytes';
import { type Codec, written } from '../../../lib/netlink/codec';
import { type Message, messages } from '../../../lib/netlink/message';
import { typeOfMessage } from '../../../lib/netlink/message-types';
import { type Content, type Difference, DIFFERENCES, OTHER_BYTES } from '../../golden/differences';
import { DEVICES, type Noun, NOUNS, type Pair } from '../../golden/pairs';
import { fakeGenericNetns, fakeNetns } from '../support/fake-netns';

// Each command of test/golden/pairs.ts: our tables read what the tool sends and write it again, and the call says the same.

const captured = JSON.parse(readFileSync(join(__dirname, '../../golden/pairs.json'), 'utf8')) as Readonly<
  Record<string, Readonly<Record<string, string>>>
>;

/** By the number of the command, which is the first byte of the content. */
const OF_ETHTOOL: Readonly<Record<number, Codec<unknown>>> = {
  ...{ 2: linkInfo.codec, 4: linkModes.codec, 6: linkState.codec, 15: rings.codec, 16: rings.codec },
  ...{ 17: channels.codec, 18: channels.codec, 21: pause.codec, 22: pause.codec },
};

const isGeneric = ({ types }: Noun) => types.length === 0;
const commandOf = ({ from, start }: Message) => from.buffer[start] ?? 0;

function codecOf(noun: Noun, message: Message): Codec<unknown> {
  const codec = isGeneric(noun) ? OF_ETHTOOL[commandOf(message)] : typeOfMessage('route', message).codec;
  if (codec === undefined) throw new Error(`no table for the command ${commandOf(message)}`);
  return codec;
}

function sentBy(name: string, { command }: Pair): Message {
  const hex = captured[name]?.[command];
  if (hex === undefined) {
    const how = 'build/Release/rtnetns-sandbox -- node test/golden/capture-pairs.mjs';
    throw new Error(`pairs.json has no '${command}': ${how}`);
  }
  return [...messages(new Bytes(Buffer.from(hex, 'hex')))][0]!;
}

const read = (codec: Codec<unknown>, { from, start, end }: Message) => codec.read(from, start, end);

function* leaves(value: unknown, path: string): Generator<[path: string, value: unknown]> {
  const isLeaf = typeof value !== 'object' || value === null || value instanceof Uint8Array;
  if (isLeaf) yield [path, value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value];
  else
    for (const [name, inner] of Object.entries(value))
      yield* leaves(inner, path === '' ? name : `${path}.${name}`);
}

const contentOf = (value: unknown): Content => Object.fromEntries(leaves(value, ''));

/** What bridge leaves out of the VLANs of a port: that the bridge is to keep them, which it does anyway. */
function withoutMaster(value: unknown): unknown {
  const { spec, ...rest } = value as { spec?: readonly { flags?: number }[] };
  return spec === undefined ? value : { ...rest, spec: spec.filter(({ flags }) => flags !== 1) };
}

const used = new Set<Difference>();

function differences(command: string, theirs: Content, ours: Content): string[] {
  const found: string[] = [];
  for (const path of new Set([...Object.keys(theirs), ...Object.keys(ours)])) {
    if (theirs[path] === ours[path]) continue;
    const known = DIFFERENCES.find(
      ({ of, path: paths, is }) =>
        of.test(command) && paths.test(path) && is?.(theirs[path], ours[path], theirs) !== false,
    );
    if (known === undefined)
      found.push(`${path}: ${String(theirs[path])} of the tool, ${String(ours[path])} of ours`);
    else used.add(known);
  }
  return found;
}

const NLM_F_ACK = 4;
const NLM_F_ECHO = 8;
/** How a message is answered; and of RTM_SETNEIGHTBL, which makes nothing, that it is to be replaced. */
const flagsOf = ({ type, flags }: Message) => flags & ~(NLM_F_ACK | NLM_F_ECHO | (type === 67 ? 0x100 : 0));

describe.each(Object.entries(NOUNS) as [string, Noun][])('%s', (name, noun) => {
  test('what the tool sends is read, with nothing left raw, and is written again', () => {
    for (const pair of noun.pairs) {
      const message = sentBy(name, pair);
      const codec = codecOf(noun, message);
      const value = read(codec, message);
      const { command } = pair;
      expect([command, Object.keys(contentOf(value)).filter((path) => path.includes('unknown'))]).toEqual([
        command,
        [],
      ]);
      const again = written(codec, value);
      const { length } = again;
      expect([command, codec.read(new Bytes(again), 0, length)]).toEqual([command, value]);
      const known = OTHER_BYTES.find(({ of }) => of.test(command));
      const same = again.equals(message.from.buffer.subarray(message.start, message.end));
      expect([command, same]).toEqual([command, known === undefined]);
    }
  });

  test('our call says the same as the command', async () => {
    for (const pair of noun.pairs) {
      const { command, call } = pair;
      const theirs = sentBy(name, pair);
      const { netns, asked } = isGeneric(noun) ? fakeGenericNetns() : fakeNetns({}, DEVICES);
      // whatever becomes of it: this kernel answers nothing but that it is done
      const error: unknown = await call(netns).catch((reason: unknown) => reason);
      const isMeant = (one: Message) =>
        one.type === theirs.type && (!isGeneric(noun) || commandOf(one) === commandOf(theirs));
      const ours = asked().find(isMeant);
      if (ours === undefined) throw new Error(`nothing was sent for '${command}'`, { cause: error });
      const codec = codecOf(noun, theirs);
      expect([command, flagsOf(ours)]).toEqual([command, flagsOf(theirs)]);
      const [a, b] = [theirs, ours].map((message) => contentOf(withoutMaster(read(codec, message))));
      expect([command, differences(command, a!, b!)]).toEqual([command, []]);
    }
  });
});

test('pairs.json has no command that is not asked for, and each difference is met', () => {
  for (const [name, { pairs }] of Object.entries(NOUNS) as [string, Noun][]) {
    expect(Object.keys(captured[name]!)).toEqual([...new Set(pairs.map(({ command }) => command))]);
  }
  expect(DIFFERENCES.filter((one) => !used.has(one)).map(({ because }) => because)).toEqual([]);
});
