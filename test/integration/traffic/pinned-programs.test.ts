// Programs of BPF that are pinned: tc shows of our filter and action what it shows of its own.
import { mkdtempSync, readdirSync, readlinkSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  addFilter,
  addQdisc,
  createNetns,
  listFilters,
  type Netns,
  removeFilter,
  removeQdisc,
} from '../../../lib';
import { testWith } from '../../support/capabilities';
import { failure, type Json, run } from '../../support/ip';

const PINNED = 'programs of BPF are pinned';
const ACTIONS = 'the actions bpf, connmark, sample and simple';

/** What tc shows of a filter, but for when its program was loaded: that of each the same. */
async function shown(netns: Netns, device: string): Promise<Json> {
  const printed = await run(netns, 'tc', '-j', '-d', 'filter', 'show', 'dev', device, 'ingress');
  const found = (JSON.parse(printed) as Json[]).find((one) => 'options' in one)!;
  return found['options'] as Json;
}

/** The descriptors of this process that are programs or maps of BPF. */
function openPrograms(): string[] {
  const open = readdirSync('/proc/self/fd').map((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      return ''; // that of the directory itself, which is closed
    }
  });
  return open.filter((one) => one.includes('bpf-'));
}

describe('addFilter', () => {
  let red: Netns;
  let directory: string;
  const path = (name: string) => join(directory, name);

  beforeAll(async () => {
    red = await createNetns();
    await run(red, 'ip', 'link', 'add', 'x0', 'type', 'veth', 'peer', 'name', 'x1');
    directory = mkdtempSync(join(tmpdir(), 'rtnetns-bpf-'));
  });

  afterAll(() => {
    rmdirSync(directory);
    red.close();
  });

  beforeEach(async () => {
    for (const device of ['x0', 'x1']) await addQdisc(red, device, { kind: 'clsact' });
  });

  afterEach(async () => {
    for (const device of ['x0', 'x1']) await removeQdisc(red, device, { parent: 'ingress' });
    expect(openPrograms()).toEqual([]);
  });

  /** Pins programs while something runs, in a file system that is mounted for it. */
  async function pinning(types: Readonly<Record<string, string>>, use: () => Promise<void>): Promise<void> {
    await run(undefined, 'mount', '-t', 'bpf', 'bpf', directory);
    try {
      for (const [name, type] of Object.entries(types)) {
        await run(
          undefined,
          'python3',
          join(__dirname, '../../support/pin-program.py'),
          type,
          name,
          path(name),
        );
      }
      await use();
    } finally {
      await run(undefined, 'umount', directory);
    }
  }

  testWith(PINNED, 'a filter has the program that tc finds at the path', () =>
    pinning({ cls: '3' }, async () => {
      const own = { name: 'cls:[*fsobj]', directAction: true } as const;
      const place = { kind: 'bpf', parent: 'ingress', priority: 5, handle: 1 } as const;
      await addFilter(red, 'x0', { ...place, ...own, pinned: path('cls') });
      const words = `filter add dev x1 ingress prio 5 bpf da object-pinned ${path('cls')}`;
      await run(red, 'tc', ...words.split(' '));
      const theirs = await shown(red, 'x1');
      expect(await shown(red, 'x0')).toEqual(theirs);
      const { id, tag } = theirs['prog'] as Json;
      const [found] = await listFilters(red, 'x0');
      expect(found!.bpf).toEqual({ ...own, id, tag });
    }),
  );

  testWith(ACTIONS, 'an action has the program that tc finds at the path', () =>
    pinning({ cls: '3', act: '4' }, async () => {
      const place = { kind: 'bpf', parent: 'ingress', priority: 5, handle: 1 } as const;
      const action = { kind: 'bpf', name: 'act:[*fsobj]', pinned: path('act'), control: 'drop' } as const;
      const own = { name: 'cls:[*fsobj]', pinned: path('cls') };
      await addFilter(red, 'x0', { ...place, ...own, actions: [action] });
      const words = `bpf object-pinned ${path('cls')} action bpf object-pinned ${path('act')} drop`;
      await run(red, 'tc', ...`filter add dev x1 ingress prio 5 ${words}`.split(' '));
      const theirs = await shown(red, 'x1');
      // each has an index of its own
      const [{ index: _, ...ours }] = (await shown(red, 'x0'))['actions'] as [Json];
      const [{ index: __, ...other }] = theirs['actions'] as [Json];
      expect(ours).toEqual(other);
      const { id, tag } = other['prog'] as Json;
      const [found] = await listFilters(red, 'x0');
      expect(found!.actions).toMatchObject([{ kind: 'bpf', name: 'act:[*fsobj]', control: 'drop', id, tag }]);

      // what was listed is added again where it is said what the kernel does not report
      await removeFilter(red, 'x0', found!);
      const lost = "either 'program', 'fd' or 'pinned' has to be given, because a list does not say where";
      expect((await failure(addFilter(red, 'x0', found!))).message).toContain(`pinned: ${lost}`);
      const whole = { ...found!, bpf: { ...found!.bpf, pinned: path('cls') } };
      const error = await failure(addFilter(red, 'x0', whole));
      expect(error.message).toContain(`actions[0].pinned: ${lost}`);
      const actions = found!.actions.map((one) => ({ ...one, pinned: path('act') }));
      await addFilter(red, 'x0', { ...whole, actions });
      const [{ index: ___, ...again }] = (await shown(red, 'x0'))['actions'] as [Json];
      expect(again).toEqual(other);
    }),
  );

  testWith(PINNED, 'what is no program for it is refused, and nothing stays open', () =>
    pinning({ cls: '3', act: '4', map: 'map' }, async () => {
      const place = { kind: 'bpf', parent: 'ingress' } as const;
      const refused = async (pinned: string, code: string, text: RegExp) => {
        const error = await failure(addFilter(red, 'x0', { ...place, pinned }));
        expect(error).toMatchObject({
          name: 'NetlinkError',
          code,
          operation: 'add bpf to',
          option: 'pinned',
        });
        expect(error.message).toMatch(text);
      };
      await refused(path('none'), 'ENOENT', /nothing is pinned there/);
      await refused('/etc/passwd/x', 'ENOTDIR', /nothing is pinned there/);
      await refused('/etc/passwd', 'EACCES', /it is in no file system of the type bpf/);
      await refused(
        path('map'),
        'EINVAL',
        /no program that was loaded for a filter, BPF_PROG_TYPE_SCHED_CLS/,
      );
      await refused(path('act'), 'EINVAL', /no program that was loaded for a filter/);
      // the program of the filter is open by then
      const actions = [
        { kind: 'gact', control: 'pass' } as const,
        { kind: 'bpf', pinned: path('cls') } as const,
      ];
      const error = await failure(addFilter(red, 'x0', { ...place, pinned: path('cls'), actions }));
      expect(error).toMatchObject({ code: 'EINVAL', option: 'actions[1].pinned' });
      expect(error.message).toMatch(/loaded for an action, BPF_PROG_TYPE_SCHED_ACT/);
      // the kernel refuses the filter itself
      const lost = failure(addFilter(red, 'x0', { ...place, parent: '7:', pinned: path('cls') }));
      expect(await lost).toMatchObject({ name: 'NetlinkError', code: 'EINVAL' });
      expect(await listFilters(red, 'x0')).toEqual([]);
    }),
  );
});
