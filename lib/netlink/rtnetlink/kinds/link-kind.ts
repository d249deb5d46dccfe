import type { OptionTable } from '../../../common/options';
import type { AttributesCodec } from '../../attributes';

/** The option of all links which a kind may require by having it among its own: the device below. */
type RequiredOfAll = 'link';

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
   * What a kernel ignores that does not know it, and answers as if it had set it: all options (true), or these. They are
   * refused where the kernel does not report them of a device.
   */
  readonly ignoresUnknown?: true | readonly string[];
  toData(options: Partial<Options>): Data;
  /** Left out where the kernel reports nothing of the kind's own. */
  toView?(data: Data): View;
}
