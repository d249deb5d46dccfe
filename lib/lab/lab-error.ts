import { constants } from 'node:os';
import { errorText } from '../common/error-text';
import { rollbackErrorsOf } from '../common/take-back';
import { NetlinkError } from '../netlink/error';
import { NetnsError } from '../netns/netns-error';
import { printable } from '../common/printable';
import type { LabProcess } from './processes/lab-process';

/** What a {@link LabError} is made of. */
interface LabErrorDetails {
  code: string;
  lab: string | undefined;
  operation?: string;
  reason?: string;
  process?: LabProcess | undefined;
}

/** Lines of a process's output that an error has in it. */
const LINES = 10;

/** Something about a lab failed. The kernel's refusal, where there is one, is its `cause`. */
export class LabError extends Error {
  override readonly name = 'LabError';
  /**
   * That of the kernel's refusal: 'EEXIST'; or of this library: 'ERR_LAB_NODE', 'ERR_LAB_DEVICE', 'ERR_LAB_BUSY', 'ERR_LAB_CLOSED',
   * 'ERR_LAB_MISSING', 'ERR_LAB_NETEM', 'ERR_LAB_PROCESS', 'ERR_LAB_TIMEOUT', 'ERR_LAB_FIXTURE', 'ERR_LAB_RULES'.
   */
  readonly code: string;
  /** The errno, where the code is one of the system's. */
  readonly errno: number | undefined;
  /** What was attempted: 'create port eth0 of web1 on lan'. */
  readonly operation: string;
  /** The lab's name; undefined of one without. */
  readonly lab: string | undefined;
  /** The process that ended before it was ready, or was not ready in time. */
  declare readonly process?: LabProcess;
  /** Where something could not be taken back that was made before the failure: an error for each. */
  declare readonly rollbackErrors?: readonly unknown[];

  /** @hidden */
  constructor({ code, lab, operation = 'use', reason, process }: LabErrorDetails, options?: ErrorOptions) {
    const whole = lab === undefined ? ['the lab'] : ['lab', lab];
    const text = errorText({ code, attempted: [operation, 'in', ...whole], explanation: reason });
    const said = process?.output.trimEnd().split('\n').slice(-LINES).filter(Boolean) ?? [];
    super([text, ...said.map(printable)].join('\n  '), options);
    if (process !== undefined) this.process = process;
    this.code = code;
    this.errno = (constants.errno as Readonly<Record<string, number>>)[code];
    this.operation = operation;
    this.lab = lab;
  }
}

/** What the kernel has refused, in the lab's words; its refusal is the cause. Other errors, such as the reason of an abort, stay what they are. */
export function labError(error: unknown, where: { operation: string; lab: string | undefined }): unknown {
  if (!(error instanceof NetlinkError || error instanceof NetnsError)) return error;
  const { message } = error;
  const code = isForLackOfNetem(error) ? 'ERR_LAB_NETEM' : error.code;
  const whole = new LabError({ code, reason: message, ...where }, { cause: error });
  const rollbackErrors = rollbackErrorsOf(error);
  return rollbackErrors.length === 0 ? whole : Object.assign(whole, { rollbackErrors });
}

/** Whether the kernel has refused an impairment because it has no netem. */
export function isForLackOfNetem(error: unknown): boolean {
  return error instanceof NetlinkError && error.code === 'ENOENT' && error.message.includes('netem');
}
