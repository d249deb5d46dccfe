import type { OptionCheck } from '../common/options';
import type { Netns } from '../netns/netns';
import { attemptTo, sendSettings } from '../wireguard/requests';
import { WIREGUARD_OPTIONS, type WireguardOptions } from '../wireguard/settings';
import type { CreatedLink } from './new-device';

/** The options of a kind of new links that are no matter of rtnetlink. */
interface Further {
  /** Read when a link of the kind is made, because few programs make one. */
  readonly table?: () => Readonly<Record<string, OptionCheck | true>>;
  /** The namespace over whose socket the device is asked for, if not over that of its own. */
  readonly askedFrom: (options: object) => Netns | undefined;
  /** Sets them of a device that is there, and not up yet. */
  readonly set: (netns: Netns, link: CreatedLink, options: object, operation: string) => Promise<void>;
}

const KINDS: Readonly<Partial<Record<string, Further>>> = {
  wireguard: {
    table: () => WIREGUARD_OPTIONS,
    // the kernel opens the device's UDP socket in the namespace of the socket of rtnetlink
    askedFrom: ({ socketNetns }: WireguardOptions) => socketNetns,
    async set(netns, { index, name }, options, operation) {
      const { socketNetns: _, ...settings } = options as WireguardOptions;
      if (Object.keys(settings).length > 0)
        await sendSettings(netns, { index }, settings, attemptTo(operation, name));
    },
  },
};

const NONE: Further = { askedFrom: () => undefined, set: async () => Promise.resolve() };

export function furtherOf(kind: unknown): Further {
  return (typeof kind === 'string' && Object.hasOwn(KINDS, kind) ? KINDS[kind] : undefined) ?? NONE;
}

/** The further options of a kind, and all others. */
export function splitFurther(kind: string, options: object): { further: object; others: object } {
  const table = furtherOf(kind).table?.();
  if (table === undefined) return { further: {}, others: options };
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return {
    further: Object.fromEntries(given.filter(([name]) => Object.hasOwn(table, name))),
    others: Object.fromEntries(given.filter(([name]) => !Object.hasOwn(table, name))),
  };
}
