import type { OptionTable } from '../../../common/options';
import type { Codec } from '../../codec';

/** A kind of queueing discipline, or of its classes, as pure data: its options, how they lie in TCA_OPTIONS, and what is shown. */
export interface TrafficKind<Options extends object, Data, View extends object> {
  /** TCA_OPTIONS: attributes, a struct, or a struct with attributes behind it. */
  readonly codec: Codec<Data>;
  /** All options of the kind's own: any other name but those of all kinds is refused. */
  readonly options: OptionTable<Options>;
  /** Options that a new one has to be given. */
  readonly required?: readonly string[];
  /** Options that can be given at creation only, because the kernel refuses or ignores a later change. */
  readonly creationOnly?: readonly string[];
  /** Options of a change only, because the kernel ignores them at creation. */
  readonly changeOnly?: readonly string[];
  /** Options that the kernel ignores of a new one: they are sent again, as a change. */
  readonly sentAgain?: readonly string[];
  /** Of an option, those of what is there already whose place it takes: a latency that of a limit. */
  readonly alternatives?: Readonly<Partial<Record<string, readonly string[]>>>;
  /** What is listed of it that is no option. */
  readonly readOnly?: readonly string[];
  /** Options that a kernel ignores which does not know them: they are refused where it does not report them. */
  readonly ignored?: readonly string[];
  /** Whether it stands at the device's ingress, beside the root. */
  readonly ingress?: true;
  /** What is given, with what it takes besides: of a change, what is there already is not among it. */
  filled?(options: Options): object;
  /** Refuses options that do not go together: of a new one, or of one that is changed, what is there already among them. */
  check?(options: Options): void;
  /** Undefined where there is nothing to say, and the kernel takes its defaults. */
  toData(options: Options): Data | undefined;
  /** What the kernel reports, under the names of the options: what is not to be set anew is set as it was. */
  toView(data: Data): View;
}
