import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { createLab, currentNetns, type Lab, type LabView, serveLab, setLink } from '../../../lib';
import { failure, ip, run } from '../../support/ip';

const definition = {
  switches: { lan: { subnet: '10.0.0.0/24' } },
  nodes: { 'n{1..2}': { ports: 'lan' } },
  links: [{ ends: ['n1', 'n2'] as const }],
};

interface Answer {
  status: number | undefined;
  headers: IncomingMessage['headers'];
  text: string;
}

/** What is answered, whatever `host` and `token` say. */
async function ask(
  view: LabView,
  { method = 'GET', path = '/', token, host, body }: Record<string, string> = {},
): Promise<Answer> {
  const { port, host: ownHost, searchParams } = new URL(view.url);
  const query = token ?? searchParams.get('token') ?? '';
  const options = {
    port,
    host: '127.0.0.1',
    method,
    path: `${path}?token=${query}`,
    headers: { host: host ?? ownHost },
  };
  const asking = request({ ...options, agent: false });
  asking.end(body);
  const [response] = (await once(asking, 'response')) as [IncomingMessage];
  let text = '';
  for await (const part of response) text += String(part);
  return { status: response.statusCode, headers: response.headers, text };
}

interface SightEvent {
  svg?: string;
  text: string;
  wires: { id: string; title: string; state: string; faults: string }[];
}

/** The page's events, as they come. */
async function* events(view: LabView): AsyncGenerator<[name: string, data: unknown]> {
  const url = new URL(view.url);
  const asking = request({ port: url.port, host: '127.0.0.1', path: `/events${url.search}`, agent: false });
  asking.end();
  const [response] = (await once(asking, 'response')) as [IncomingMessage];
  try {
    let unread = '';
    for await (const part of response) {
      unread += String(part);
      const whole = unread.split('\n\n');
      unread = whole.pop() ?? '';
      for (const text of whole) {
        const [, name = '', data = ''] = /^event: (.*)\ndata: (.*)$/.exec(text) ?? [];
        yield [name, JSON.parse(data)];
      }
    }
  } finally {
    asking.destroy();
  }
}

/** The next event that is what is waited for. */
async function untilEvent<T>(
  stream: AsyncGenerator<[string, unknown]>,
  wanted: string,
  isIt: (data: T) => boolean = () => true,
): Promise<T> {
  for (;;) {
    const next = await stream.next();
    if (next.done === true) throw new Error(`no ${wanted} came`);
    const [name, data] = next.value;
    if (name === wanted && isIt(data as T)) return data as T;
  }
}

const stateOf = (title: string) => (sight: SightEvent) =>
  sight.wires.find((wire) => wire.title === title)?.state;

describe('serveLab', () => {
  let lab: Lab;
  let view: LabView;

  beforeAll(async () => {
    const here = await currentNetns();
    await setLink(here, 'lo', { up: true });
    here.close();
  });

  beforeEach(async () => {
    lab = await createLab(definition);
    view = await serveLab(lab);
  });

  afterEach(async () => {
    await view.close();
    await lab.destroy();
  });

  test('the page is of itself alone, and of its token and its host', async () => {
    expect(view.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/\?token=[0-9a-f]{32}$/);
    const { status, headers, text } = await ask(view);
    expect(status).toBe(200);
    expect(headers['content-security-policy']).toMatch(/^default-src 'none'; connect-src 'self'; /);
    // the name of a language is no address that is asked
    expect(text.replace('http://www.w3.org/2000/svg', '')).not.toMatch(/https?:|src=|@import/);
    for (const wrong of [
      { token: '' },
      { token: 'x'.repeat(32) },
      { host: 'evil.example' },
      { host: `localhost:${new URL(view.url).port}` },
      { path: '/events', token: 'no' },
      { path: '/act', method: 'POST', token: 'no', body: '{"action":"heal"}' },
    ])
      expect((await ask(view, wrong)).status).toBe(403);
    for (const unknown of [{ path: '/etc' }, { method: 'PUT' }, { path: '/act' }])
      expect((await ask(view, unknown)).status).toBe(404);
  });

  test('what happens outside is seen, and what is asked for is done', async () => {
    const stream = events(view);
    const first = await untilEvent<SightEvent>(stream, 'sight');
    expect(first.wires.map(({ title, state }) => `${title}: ${state}`)).toEqual([
      'n1 eth0 – lan: up',
      'n1 eth1 – n2 eth1: up',
      'n2 eth0 – lan: up',
    ]);
    expect(first.text).toContain('node n1\n  eth0 10.0.0.1/24 on lan\n');
    expect(first.svg).toContain('id="wire2"');
    await run(lab.switches, 'ip', 'link', 'set', 'n2', 'down');
    const outside = await untilEvent<SightEvent>(
      stream,
      'sight',
      (one) => stateOf('n2 eth0 – lan')(one) === 'cut',
    );
    expect(stateOf('n1 eth0 – lan')(outside)).toBe('up');
    const body = JSON.stringify({ action: 'cut', target: { node: 'n1', device: 'eth0' } });
    expect(await ask(view, { method: 'POST', path: '/act', body })).toMatchObject({ status: 204 });
    await untilEvent<SightEvent>(stream, 'sight', (one) => stateOf('n1 eth0 – lan')(one) === 'cut');
    const ports = await ip(lab.switches, 'link', 'show', 'dev', 'n1');
    expect(ports[0]?.['flags']).not.toContain('UP');
    expect(await ask(view, { method: 'POST', path: '/act', body: '{"action":"heal"}' })).toMatchObject({
      status: 204,
    });
    await untilEvent<SightEvent>(stream, 'sight', (one) => stateOf('n1 eth0 – lan')(one) === 'up');
    await stream.return(undefined);
  });

  test('the rates are those of the bytes that went over the wire', async () => {
    const stream = events(view);
    await untilEvent(stream, 'sight');
    await untilEvent(stream, 'rates');
    await run(lab.node('n1'), 'ping', '-c', '100', '-i', '0.002', '-s', '1000', '-q', lab.addr('n2'));
    // 100 packets of 1,042 bytes within one or two seconds; less is of the neighbour discovery of IPv6
    const busy = await untilEvent<Record<string, { sent: number; received: number }>>(
      stream,
      'rates',
      (rates) => (rates['wire0']?.sent ?? 0) > 300_000,
    );
    for (const id of ['wire0', 'wire2']) {
      expect(busy[id]?.received).toBeGreaterThan(300_000);
      expect(busy[id]?.sent).toBeLessThan(1_700_000);
    }
    expect(busy['wire1']?.sent).toBeLessThan(100_000);
    await stream.return(undefined);
  });

  test.each([
    ['', /JSON/],
    ['[]', /^request: expected an object, got /],
    ['{}', /action/],
    ['{"action":"toString"}', /^action: expected /],
    ['{"action":"cut"}', /^target: it is missing/],
    ['{"action":"cut","target":{"node":"n1"}}', /device/],
    ['{"action":"cut","target":{"node":"nobody","device":"eth0"}}', /nobody/],
    ['{"action":"delay","target":{"node":"n1","device":"eth0"},"delay":-1}', /^delay: /],
    ['{"action":"isolate","node":5}', /^node: /],
    [`{"action":"heal","node":"${'x'.repeat(5000)}"}`, /^request: more than 4096 bytes/],
  ])('a request of %j is refused', async (body, message) => {
    const { status, text } = await ask(view, { method: 'POST', path: '/act', body });
    expect({ status, text }).toEqual({ status: 400, text: expect.stringMatching(message) as string });
    expect(String(await lab.plan(definition))).toBe('');
  });

  test('a node that comes, and one that goes, are seen, and the end of the lab', async () => {
    const stream = events(view);
    await untilEvent(stream, 'sight');
    await lab.apply({ ...definition, nodes: { 'n{1..3}': { ports: 'lan' } } });
    await untilEvent<SightEvent>(stream, 'sight', (one) => stateOf('n3 eth0 – lan')(one) === 'up');
    await run(lab.node('n3'), 'ip', 'link', 'set', 'eth0', 'down');
    await untilEvent<SightEvent>(stream, 'sight', (one) => stateOf('n3 eth0 – lan')(one) === 'cut');
    await lab.apply(definition);
    await untilEvent<SightEvent>(stream, 'sight', ({ wires }) => wires.length === 3);
    await lab.destroy();
    await untilEvent(stream, 'gone');
    expect((await stream.next()).done).toBe(true);
  });

  test('entries with details that are no JSON do not end the view', async () => {
    const stream = events(view);
    await untilEvent(stream, 'sight');
    const within: { me?: unknown } = {};
    within.me = within;
    lab.record.add('note', 'large', { number: 2n ** 64n, within, error: new Error('no') });
    const isNote = ({ kind }: { kind: string }) => kind === 'note';
    const expected = { number: '18446744073709551616', within: {}, error: { message: 'no' } };
    expect(await untilEvent(stream, 'entry', isNote)).toMatchObject(expected);
    await stream.return(undefined);
    // one who comes later is sent all of them
    const later = events(view);
    expect(await untilEvent(later, 'entry', isNote)).toMatchObject(expected);
    await later.return(undefined);
  });

  test.each(['//', '//[', 'http://127.0.0.1/'])('there is no page %s', async (path) => {
    expect((await ask(view, { path })).status).toBe(404);
    expect((await ask(view, { path, token: 'x' })).status).toBe(403);
  });

  test('several look at once, and the server ends with open connections', async () => {
    const streams = [events(view), events(view)];
    await Promise.all(streams.map(async (stream) => untilEvent(stream, 'sight')));
    const ending = Promise.allSettled(streams.map(async (stream) => untilEvent(stream, 'nothing')));
    await view.close();
    await view.close();
    for (const { status } of await ending) expect(status).toBe('rejected');
    expect(lab.switches.open).toBe(true);
  });

  test('wrong arguments, and a port that is taken', async () => {
    const port = Number(new URL(view.url).port);
    expect(await failure(serveLab(lab, { port }))).toMatchObject({ code: 'EADDRINUSE' });
    expect(await failure(serveLab(Object.create(null) as Lab))).toMatchObject({
      message: expect.stringMatching(/^lab: /) as string,
    });
    expect(await failure(serveLab(lab, { port: 70_000 }))).toBeInstanceOf(RangeError);
    expect(await failure(serveLab(lab, { prot: 1 } as object))).toBeInstanceOf(TypeError);
    const gone = await createLab({ nodes: { a: {} } });
    await gone.destroy();
    expect(await failure(serveLab(gone))).toMatchObject({ name: 'LabError', code: 'ERR_LAB_CLOSED' });
  });
});
