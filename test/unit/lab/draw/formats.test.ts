import { toDot } from '../../../../lib/lab/draw/dot';
import { type Drawing, type DrawnDevice, drawingOf } from '../../../../lib/lab/draw/drawing';
import { toMermaid } from '../../../../lib/lab/draw/mermaid';
import { impairmentWords } from '../../../../lib/lab/draw/phrases';
import { toSvg } from '../../../../lib/lab/draw/svg';
import { toText } from '../../../../lib/lab/draw/text';
import type { SeenSpace } from '../../../../lib/lab/draw/sight';
import type { Link } from '../../../../lib/links/link-view';

const eth = (changes: Partial<DrawnDevice> = {}): DrawnDevice => ({
  name: 'eth0',
  addrs: [],
  notes: [],
  faults: [],
  state: 'up',
  ...changes,
});

const port = (name: string, faults: string[] = []) => ({ switch: 0, port: name, notes: [], faults });

const drawing: Drawing = {
  switches: [{ name: 'lan', notes: ['mtu 1400'], faults: [], state: 'up' }],
  nodes: [
    {
      name: 'a',
      devices: [eth({ addrs: ['10.0.0.1/24', 'fd00::1/64'], notes: ['mtu 1400'] })],
      routes: [],
      nat: [],
      faults: [],
    },
    {
      name: 'b',
      devices: [
        eth({ addrs: ['10.0.0.2/24'], faults: ['delay 50 ms'], state: 'impaired' }),
        eth({ name: 'eth1', faults: ['down'], state: 'cut' }),
      ],
      routes: ['default via 10.0.0.1'],
      nat: ['nat home on eth1', 'tcp 8080 to 10.0.0.2:80'],
      faults: [],
    },
    {
      name: 'c',
      devices: [eth({ faults: ['no carrier'], state: 'cut' })],
      routes: [],
      nat: [],
      faults: ['cut off from a'],
    },
  ],
  wires: [
    { ends: [port('a'), { node: 0, device: 0 }], state: 'up' },
    { ends: [port('x', ['loss 1 %']), { node: 1, device: 0 }], state: 'impaired' },
    {
      ends: [
        { node: 1, device: 1 },
        { node: 2, device: 0 },
      ],
      state: 'cut',
    },
  ],
};

/** A switch with so many nodes that differ in nothing but the name and address. */
const star = (count: number): Drawing => ({
  switches: [{ name: 'lan', notes: [], faults: [], state: 'up' }],
  nodes: Array.from({ length: count }, (_, i) => ({
    name: `web${i}`,
    devices: [eth({ addrs: [`10.0.0.${i}/24`] })],
    routes: ['default via 10.0.0.254'],
    nat: [],
    faults: [],
  })),
  wires: Array.from({ length: count }, (_, i) => ({
    ends: [port(`web${i}`), { node: i, device: 0 }],
    state: 'up',
  })),
});

/** Names that are more than names to one format or another. */
const HOSTILE = [
  ...['"><script>alert(1)</script>', 'a]b', 'a"]; click n0 "javascript:0', '</TD></TABLE>>', '&lt;&#39;'],
  ...['back\\', '\\N\\G', 'a -- b', '`md`', '#quot;', '${x}', 'a\nb\r\x1b[2J\u202e', 'end', '%%{init: 0}%%'],
];

/** What is seen of a namespace with nothing but a bridge and a device. */
const space = (name: string): SeenSpace => {
  const common = { up: true, mtu: 1500, flags: [], altNames: [], group: 0 };
  const links: Link[] = [
    { ...common, index: 2, name, kind: 'bridge' },
    { ...common, index: 3, name: `d${name}`, kind: 'dummy', master: 2 },
  ];
  return {
    name,
    links,
    addrs: [],
    routes: [],
    shapes: new Map(),
    losses: new Map(),
    faults: [],
    nat: undefined,
  };
};

/** The texts in a picture. An SVG that is no XML fails. */
function textsOf(svg: string): string[] {
  // a tag, with attributes in quotes, an entity, or a text
  const token =
    /<\?[^>]*\?>|<!--[\s\S]*?-->|<!DOCTYPE[^>]*>|<(\/?)([\w:]+)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>|([^<]+)/y;
  const open: string[] = [];
  const texts: string[] = [];
  while (token.lastIndex < svg.length) {
    const at = token.lastIndex;
    const match = token.exec(svg);
    if (match === null) throw new Error(`no XML: ${svg.slice(at, at + 80)}`);
    const [, closing, name, , empty, text] = match;
    if (text !== undefined) {
      expect(text.replace(/&(?:amp|lt|gt|quot|#\d+|#x[\da-f]+);/gi, '')).not.toContain('&');
      if (text.trim() !== '') texts.push(unescaped(text));
    } else if (name !== undefined && closing === '/') expect(open.pop()).toBe(name);
    else if (name !== undefined && empty === '') open.push(name);
  }
  expect(open).toEqual([]);
  return texts;
}

function unescaped(text: string): string {
  const known: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"' };
  return text.replace(/&(?:(\w+)|#(\d+)|#x([\da-f]+));/gi, (_, name?: string, ten?: string, hex?: string) =>
    name === undefined
      ? String.fromCodePoint(parseInt(ten ?? hex ?? '', ten === undefined ? 16 : 10))
      : known[name]!,
  );
}

describe('text', () => {
  test('a node, and what it has, each on a line', () => {
    expect(toText(drawing).split('\n')).toEqual([
      'node a',
      '  eth0 10.0.0.1/24 fd00::1/64 on lan (mtu 1400)',
      'node b',
      '  eth0 10.0.0.2/24 on lan (delay 50 ms)',
      '  eth1 to eth0 of c (down)',
      '  route default via 10.0.0.1',
      '  nat home on eth1',
      '  tcp 8080 to 10.0.0.2:80',
      'node c (cut off from a)',
      '  eth0 to eth1 of b (no carrier)',
      'switch lan (mtu 1400)',
      '  a to eth0 of a',
      '  x to eth0 of b (loss 1 %)',
      '',
    ]);
  });
});

describe('mermaid', () => {
  test('a wire says the devices at its ends, and is dotted where nothing passes', () => {
    expect(toMermaid(drawing).split('\n').slice(0, 8)).toEqual([
      'flowchart LR',
      's0(["lan<br/>mtu 1400"]):::switch',
      'n0["a<br/>eth0 10.0.0.1/24 fd00#58;#58;1/64 mtu 1400"]'.replaceAll('#58;', ':'),
      'n1["b<br/>eth0 10.0.0.2/24 delay 50 ms<br/>eth1 down<br/>default via 10.0.0.1<br/>nat home on eth1<br/>tcp 8080 to 10.0.0.2:80"]:::cut',
      'n2["c<br/>cut off from a<br/>eth0 no carrier"]:::cut',
      's0 ---|"a – eth0"| n0',
      's0 ===|"x loss 1 % – eth0"| n1',
      'n1 -.-|"eth1 – eth0"| n2',
    ]);
  });

  test('six nodes that are alike are drawn together, and five are not', () => {
    expect(toMermaid(star(5))).not.toContain('subgraph');
    const lines = toMermaid(star(6)).split('\n');
    expect(lines).toContain('subgraph g0["6 nodes, each with eth0<br/>default via 10.0.0.254"]');
    expect(lines.filter((line) => line.startsWith('s0 '))).toEqual(['s0 --- g0']);
  });

  test.each(HOSTILE)('%j is a text', (name) => {
    const text = toMermaid(drawingOf({ spaces: [space(name)], pairs: [] }));
    // what is between quotes has only what Mermaid takes for text, breaks of lines, and characters by their numbers
    for (const line of text.split('\n').slice(0, 4))
      expect(line).toMatch(
        /^(?:flowchart LR|(?:[sn\d\]:()[a-z|-]|\s|"(?:[\p{L}\p{N} .,:/%()–-]|<br\/>|#\d+;)*")*)$/u,
      );
  });
});

describe('dot and svg', () => {
  test('a picture has a title for each node and switch, and shows faults', async () => {
    const texts = textsOf(await toSvg(toDot(drawing)));
    for (const text of ['node a', 'node b', 'node c', 'switch lan', 'delay 50 ms', 'down', 'no carrier'])
      expect(texts).toContain(text);
    expect(toDot(drawing).match(/class="\w+"/g)).toEqual(['class="impaired"', 'class="cut"']);
  });

  test('two hundred nodes that are alike have one box, and one wire', async () => {
    const svg = await toSvg(toDot(star(200)));
    const texts = textsOf(svg);
    expect(texts.filter((text) => /^web\d+$/.test(text))).toHaveLength(200);
    expect(texts).toContain('200 nodes, each with eth0');
    expect(svg.match(/class="edge"/g)).toHaveLength(1);
  });

  test('a node that differs from the others stands by itself', () => {
    const odd = star(8);
    odd.nodes[3]!.routes = [];
    odd.wires[4]!.state = 'impaired';
    expect(toDot(odd)).toContain('6 nodes, each with');
    expect(toDot(odd)).toMatch(/"node web3":d0/);
    expect(toDot(odd)).toMatch(/"node web4":d0/);
  });

  test.each(HOSTILE)('%j is a text', async (name) => {
    const svg = await toSvg(toDot(drawingOf({ spaces: [space(name)], pairs: [] })));
    const shown = name
      .replace('\n', '\\x0a')
      .replace('\r', '\\x0d')
      .replace('\x1b', '\\x1b')
      .replace('\u202e', '\\u202e');
    expect(textsOf(svg)).toEqual(
      expect.arrayContaining([shown, `d${shown}`, `node ${shown}`, `switch ${shown} of ${shown}`]),
    );
    expect(svg).not.toMatch(/<(?:script|a|image|foreignObject)\b|\son\w+=/);
  });
});

describe('phrases', () => {
  test.each([
    [{ delay: 50, jitter: 4.999936, limit: 1000 }, 'delay 50 ms, jitter 5 ms'],
    [{ loss: 0.10000000009313226, rate: 10_000_000, seed: 7n }, 'loss 0.1 %, rate 10 Mbit/s'],
    [{ rate: 1_500 }, 'rate 1.5 kbit/s'],
    [{ gilbert: { p: 1, r: 2 } }, 'gilbert {"p":1,"r":2}'],
    [{ limit: 1000 }, 'netem'],
  ])('%j', (options, words) => {
    expect(impairmentWords(options as Parameters<typeof impairmentWords>[0])).toBe(words);
  });
});

describe('drawingOf', () => {
  test('an impairment by which nothing passes cuts a wire', () => {
    const link = (index: number): Link => ({
      ...{ index, name: 'eth0', kind: 'veth', up: true, mtu: 1500, flags: [], altNames: [], group: 0 },
    });
    const spaces = ['a', 'b'].map((name, i): SeenSpace => {
      const shapes = new Map(i === 0 ? [[1, { whole: { loss: 100 }, classes: new Map() }]] : []);
      return {
        name,
        links: [link(i + 1)],
        addrs: [],
        routes: [],
        shapes,
        losses: new Map(),
        faults: [],
        nat: undefined,
      };
    });
    const [one, other] = spaces.map((seen) => ({ space: seen, link: seen.links[0]! }));
    const drawn = drawingOf({ spaces, pairs: [[one!, other!]] });
    expect(drawn.wires).toMatchObject([{ state: 'cut' }]);
    expect(drawn.nodes[0]?.devices[0]).toMatchObject({ faults: ['loss 100 %'], state: 'cut' });
  });
});
