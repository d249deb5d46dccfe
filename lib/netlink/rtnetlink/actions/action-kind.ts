import type { OptionTable } from '../../../common/options';
import type { Codec } from '../../codec';
import type { ActionHead } from './control';

/** A kind of action as pure data: its options, how they lie in TCA_ACT_OPTIONS, and what is shown. */
export interface ActionKind<Options extends object, Data extends ActionHead, View extends object> {
  readonly codec: Codec<Data>;
  readonly options: OptionTable<Options>;
  /** Options that have to be given. */
  readonly required?: readonly string[];
  /** What is listed of it that is no option: it is not written. */
  readonly readOnly?: readonly string[];
  /** Refuses options that do not go together. */
  check?(options: Options, path: string): void;
  /** A device is given by its index. */
  toData(options: Options): Data;
  /** What the kernel reports, under the names of the options. */
  toView(data: Data): View;
}
