import { checkNetnsName } from '../common/check';
import { listOf, optionsOf, optionTable } from '../common/options';
import type { CreatedBridge } from '../links/bridge';
import type { CreatedLink } from '../links/new-device';
import { LINK_OPTIONS, type LinkOptions } from '../links/link-request';
import { VETH_END_SETTINGS, type VethEndSettings } from '../links/veth-end';
import type { Netns } from '../netns/netns';
import { ROUTE_OPTIONS, type RouteOptions } from '../routes/route-request';

/** One namespace of a star, and the pair that joins it to the bridge. */
export interface StarMember {
  /** Its name in /run/netns; without one it lives as long as its handle. */
  name?: string;
  /** The end inside; its name is 'eth0' by default, and it is brought up. */
  device?: VethEndSettings;
  /** The end on the bridge; its name is made of its index by default ('veth3ade68b1'), and it is brought up. */
  port?: VethEndSettings;
  /** What `lo` has besides being up. */
  lo?: Pick<LinkOptions, 'group' | 'alias'>;
  /** Added when the end inside is up, as `addRoute` does; they may name it, and `lo`. */
  routes?: readonly RouteOptions[];
}

/** @internal */
export const STAR_MEMBER = optionTable<StarMember>({
  name: checkNetnsName,
  device: optionsOf(VETH_END_SETTINGS),
  port: optionsOf(VETH_END_SETTINGS),
  lo: optionsOf(
    optionTable<NonNullable<StarMember['lo']>>({ group: LINK_OPTIONS.group, alias: LINK_OPTIONS.alias }),
  ),
  routes: listOf(optionsOf(ROUTE_OPTIONS)),
});

/** A member as it was made. */
export interface CreatedMember {
  /** Its handle, which is open. */
  netns: Netns;
  /** The end inside. */
  device: CreatedLink;
  /** The end on the bridge. */
  port: CreatedLink;
}

/** What became of a member. */
export type MemberResult =
  | ({ status: 'created' } & CreatedMember)
  | { status: 'failed'; error: unknown }
  /** Not begun: the work was aborted before. */
  | { status: 'skipped' };

/** A star as it was made: `deleteStar` takes it. */
export interface Star {
  /**
   * `found` is whether the bridge was there before: then it is nobody's to delete. By the `mac` that it was given, `deleteStar` knows
   * it again; it has none with `mac: 'kernel'`.
   */
  bridge: CreatedBridge & { mac?: string };
  /** In the order of the members asked for. */
  members: MemberResult[];
}
