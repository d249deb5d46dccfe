import type { LinkKindOptions, LinkKindViews } from '../../../lib/netlink/rtnetlink/kinds';
import type { CreateLinkOptions } from '../../../lib/links/create-link';
import type { Link } from '../../../lib/links/link-view';

describe('what the compiler checks', () => {
  const checked = (options: CreateLinkOptions) => options.kind;

  test('a known kind has its own options and those of all links', () => {
    expect(checked({ kind: 'bridge', name: 'br0', up: true, stp: true, priority: 7 })).toBe('bridge');
    expect(checked({ kind: 'veth', name: 'a', peer: { name: 'b', mtu: 1400 } })).toBe('veth');
  });

  test('a misspelt option, and that of another kind, do not compile', () => {
    // @ts-expect-error: misspelt
    checked({ kind: 'bridge', name: 'br0', prioritty: 7 });
    // @ts-expect-error: misspelt, of all links
    checked({ kind: 'bridge', name: 'br0', mtuu: 7 });
    // @ts-expect-error: misspelt, with data
    checked({ kind: 'bridge', name: 'br0', prioritty: 7, data: new Uint8Array() });
    // @ts-expect-error: of another kind
    checked({ kind: 'veth', name: 'a', priority: 7 });
    // @ts-expect-error: misspelt, within an option
    checked({ kind: 'veth', name: 'a', peer: { nmae: 'b' } });
    // @ts-expect-error: of another type
    checked({ kind: 'bridge', priority: '7' });
  });

  test('another kind has its data in bytes, and nothing else', () => {
    expect(checked({ kind: 'ifb', name: 'ifb0', data: new Uint8Array() })).toBe('ifb');
    // @ts-expect-error: without data
    checked({ kind: 'ifb', name: 'ifb0' });
    // @ts-expect-error: a misspelt kind
    checked({ kind: 'brigde', priority: 7 });
  });

  test('what a link shows of its kind has the name of the kind', () => {
    const view: keyof LinkKindViews = 'bridge';
    // @ts-expect-error: the kernel reports nothing of a veth pair's own
    const none: keyof LinkKindViews = 'veth';
    const settings: LinkKindOptions['bridge'] = { stp: true };
    const priority = (link: Link): number | undefined => link.bridge?.priority;
    expect([view, none, settings, priority]).toHaveLength(4);
  });
});
