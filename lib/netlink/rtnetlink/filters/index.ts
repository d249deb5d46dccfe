import { bpf } from './bpf';
import type { FilterKind } from './filter-kind';
import { flower } from './flower';
import { fw } from './fw';
import { matchall } from './matchall';
import { u32 } from './u32';

/** A kind of filter is a file and a line here. Of a kind that is not here the data are raw bytes. */
export const filterKinds = { matchall, u32, flower, fw, bpf };

/**
 * The kinds of filters whose options this library knows.
 *
 * @useDeclaredType
 */
export type FilterKindName = keyof typeof filterKinds;

type Kinds = typeof filterKinds;
type OptionsOf<K> = K extends FilterKind<infer Options, unknown, object> ? Options : never;
type ViewOf<K> = K extends FilterKind<never, unknown, infer View> ? View : never;

/**
 * The options of each kind's own, by the kind's name.
 *
 * @useDeclaredType
 */
export type FilterKindOptions = { [K in FilterKindName]: OptionsOf<Kinds[K]> };

/**
 * What the kernel reports of each kind's own, by the kind's name.
 *
 * @useDeclaredType
 */
export type FilterKindViews = { [K in FilterKindName]?: ViewOf<Kinds[K]> };

type Codecs = { [K in FilterKindName]: Kinds[K]['codec'] };

/** @internal TCA_OPTIONS of a filter by TCA_KIND. */
export const filterCodecs = Object.fromEntries(
  Object.entries(filterKinds).map(([name, { codec }]) => [name, codec]),
) as Codecs;
