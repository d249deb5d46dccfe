import type { OptionTable } from '../../../common/options';
import type { AttributesCodec } from '../../attributes';
import type { Words } from '../../error';

/** The option of all links which a kind may require by having it among its own: the device below. */
type RequiredOfAll = 'link';

/** The options as the kernel takes them: where one names a device, its index. */
export type Indexed<Options> = {
  [K in keyof Options]: [string | number] extends [Options[K]]
    ? Exclude<Options[K], string | number> | number
    : Options[K];
};

/** A kind of link as pure data: its options, how they lie in IFLA_INFO_DATA, and what a `Link` shows of them. */
export interface LinkKind<Options extends object, Data extends object, View = never> {
  /** IFLA_INFO_DATA */
  readonly table: AttributesCodec<Data>;
  /** All options of the kind's own: any other name but those of all links is refused. */
  readonly options: OptionTable<Omit<Options, RequiredOfAll>>;
  /** Options that a new link has to be given. */
  readonly required?: readonly string[];
  /** Options that can be given at creation only, because the kernel ignores or refuses a later change. */
  readonly creationOnly?: readonly string[];
  /**
   * Switches that the kernel refuses also where they are as it is told. A new link has them off. They are sent only where they are to
   * be something else.
   */
  readonly onlyChanged?: readonly string[];
  /**
   * Options that the kernel does not change, and refuses also where they are as it is told: true, or the value that an option neither
   * gets nor loses. They are taken where they are as the link has them, so that what was listed can be given back.
   */
  readonly fixed?: Readonly<Record<string, unknown>>;
  /**
   * Options that name devices. `toData` is given their indexes. `link` is among them where it is an attribute of the kind's own,
   * such as IFLA_VXLAN_LINK, in the place of IFLA_LINK.
   */
  readonly devices?: readonly string[];
  /**
   * What the kernel reports beside the options, and what it does not know of them. It is taken, so that what was listed can be given
   * back, and not sent.
   */
  readonly reported?: readonly string[];
  /** An option that a new link has to be given, unless the other one is true. */
  readonly requiredUnless?: readonly [option: string, other: string];
  /** Whether a change sets all that is not given back to its default. Then what the kernel reports is sent with it. */
  readonly changesWhole?: true;
  /**
   * What a kernel ignores that does not know it, and answers as if it had set it: all options (true), or these. They are
   * refused where the kernel does not report them of a device.
   */
  readonly ignoresUnknown?: true | readonly string[];
  /** What the kernel's refusals of a new link mean, where it is something else than for a change. */
  readonly creationWords?: Words;
  /** What the kernel's refusals of a new link and of a change mean. */
  readonly words?: Words;
  toData(options: Partial<Indexed<Options>>): Data;
  /** Left out where the kernel reports nothing of the kind's own. */
  toView?(data: Data): View;
}
