import { AF_BRIDGE } from '../../../lib/addon/socket-constants';
import { pause } from '../../../lib/ethtool/tables/pause';
import { Bytes } from '../../../lib/netlink/bytes';
import { controller, GENL_ID_CTRL } from '../../../lib/netlink/genetlink/controller';
import { encode, messages, NLM_F_REQUEST, setSequence, setType } from '../../../lib/netlink/message';
import { received, receivedWords, replyWords, sentType, sentWords } from '../../../lib/netlink/message-words';
import { bridgeVlans } from '../../../lib/netlink/rtnetlink/bridge-vlan';
import { link } from '../../../lib/netlink/rtnetlink/link';
import { mdb, mdbChange } from '../../../lib/netlink/rtnetlink/mdb';
import { neighbor } from '../../../lib/netlink/rtnetlink/neighbor';
import { ATTEMPT } from '../support/requests';

const words = (bytes: Buffer): string[] =>
  [...messages(new Bytes(bytes))].map((message) => receivedWords(message, 'route', 'red'));

describe('messages of bridges', () => {
  const vlan = { family: AF_BRIDGE, index: 2, name: 'v0', spec: [{ vlan: { vlan: 7, flags: 2 } }] };

  test('a port with its VLANs, for which other links have families', () => {
    const bytes = encode(link.verbs.add, 0, bridgeVlans.codec, vlan);
    expect(words(bytes)).toEqual([
      "← RTM_NEWLINK seq 0 {family: 7, index: 2, name: 'v0', spec: [{vlan: {flags: 2, vlan: 7}}]} in red",
    ]);
    const [message] = messages(new Bytes(bytes));
    expect(received(message!, 'route')).toEqual({ type: 'RTM_NEWLINK', content: vlan });
  });

  test('an entry of a forwarding table', () => {
    const value = { family: AF_BRIDGE, index: 2, state: 0x40, flags: 2, mac: '02:00:00:00:00:09', vlan: 7 };
    expect(words(encode(neighbor.verbs.add, 0, neighbor.codec, value))).toEqual([
      "← RTM_NEWNEIGH seq 0 {family: 7, index: 2, state: 64, flags: 2, mac: '02:00:00:00:00:09', vlan: 7} in red",
    ]);
  });

  test('a multicast group, as it is asked for and as it is reported', () => {
    const entry = { port: 3, state: 1, flags: 0, vlan: 0, group: '239.1.1.1' };
    const shown = "{port: 3, state: 1, flags: 0, vlan: 0, group: '239.1.1.1'}";
    const asked = encode(mdb.verbs.add, NLM_F_REQUEST, mdbChange.codec, {
      family: AF_BRIDGE,
      index: 2,
      entry,
    });
    expect(words(asked)).toEqual([`← RTM_NEWMDB seq 0 {family: 7, index: 2, entry: ${shown}} in red`]);
    const told = encode(mdb.verbs.add, 0, mdb.codec, { family: AF_BRIDGE, index: 2, groups: [[entry]] });
    expect(words(told)).toEqual([`← RTM_NEWMDB seq 0 {family: 7, index: 2, groups: [[${shown}]]} in red`]);
  });

  test('a header that is cut off before the family', () => {
    const [message] = messages(new Bytes(encode(link.verbs.add, 0, link.codec, {})));
    const cut = { ...message!, end: message!.start };
    expect(receivedWords(cut, 'route', 'red')).toMatch(/^← RTM_NEWLINK seq 0 \(malformed: 0 bytes/);
  });
});

describe('messages of generic netlink have the name of their family', () => {
  const answer = (bytes: Buffer, sequence: number) => {
    setSequence(bytes, sequence);
    return { bytes, errno: 0 };
  };

  test('the question for the number of a family', () => {
    const question = controller.ask('getFamily', { name: 'ethtool' }, ATTEMPT);
    setType(question.bytes, GENL_ID_CTRL);
    expect(sentType(question)).toBe('nlctrl');
    expect(sentWords(question, 'red')).toBe(
      "→ nlctrl seq 0 {command: 'getFamily', version: 1, name: 'ethtool'} in red",
    );
    const found = encode(GENL_ID_CTRL, 0, controller.codec, { command: 1, version: 2, id: 21 });
    expect(replyWords('red', [question], answer(found, 5), 5)).toEqual(['← nlctrl seq 5 {id: 21} in red']);
  });

  test('a request to the family, whose number is that of a message of rtnetlink', () => {
    const request = pause.tell('setPause', { header: { index: 2 }, rx: true }, ATTEMPT);
    setType(request.bytes, link.verbs.get);
    expect(sentType(request)).toBe('ethtool');
    expect(sentWords(request, 'red')).toBe(
      "→ ethtool seq 0 {command: 'setPause', version: 1, header: {index: 2}, rx: true} in red",
    );
    const reply = encode(link.verbs.get, 0, pause.codec, { command: 22, version: 1, rx: true });
    expect(replyWords('red', [request], answer(reply, 1), 1)).toEqual([
      "← ethtool seq 1 {command: 'setPause', version: 1, rx: true} in red",
    ]);
  });
});
