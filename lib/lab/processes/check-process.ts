import { checkInteger, checkTime } from '../../common/check';
import {
  integerFrom,
  isText,
  listOf,
  type OptionCheck,
  optionTable,
  trueOrFalse,
} from '../../common/options';
import { shown } from '../../common/shown';
import type { Findings, Place } from '../findings';
import { listed, oneOrMore } from '../lists';
import type { CommandDefinition, ReadyDefinition, WorkerDefinition } from './definition';

const isFilled: OptionCheck = (value, path) => {
  isText(value, path);
  if (value === '') throw new RangeError(`${path}: it must not be empty`);
};

const isName: OptionCheck = (value, path) => {
  isText(value, path);
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(value as string))
    throw new RangeError(`${path}: expected letters, digits, '-' and '_', got ${shown(value)}`);
};

const isCommand: OptionCheck = (value, path) => {
  listOf(isText)(value, path);
  const [program] = value as readonly string[];
  if (!program) throw new RangeError(`${path}: expected a program, like ['node', 'server.js']`);
};

const isEnvironment: OptionCheck = (value, path) => {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new TypeError(`${path}: expected an object like { PORT: '8080' }, got ${shown(value)}`);
  for (const [name, one] of Object.entries(value)) isText(one, `${path}.${name}`);
};

const isTime = (least: number): OptionCheck => {
  return (value, path) => checkTime(path, value, least);
};

const READY = optionTable<ReadyDefinition>({
  port: (value, path) => checkInteger(path, value, 1, 65535),
  host: isFilled,
  log: isFilled,
  file: isFilled,
  exitCode: integerFrom(0, 255),
});

const ANY = {
  name: isName,
  env: isEnvironment,
  cwd: isFilled,
  ready: true,
  timeout: isTime(1),
  after: oneOrMore(isText),
} as const;

const isId = integerFrom(0, 0x7fffffff);

const COMMAND = optionTable<CommandDefinition>(
  { ...ANY, command: isCommand, uid: isId, gid: isId, mounts: trueOrFalse, grace: isTime(0) },
  ['command'],
);

const WORKER = optionTable<WorkerDefinition>({ ...ANY, worker: isFilled, workerData: true }, ['worker']);

/** What a node is to run: each part by itself. */
export function checkRun(run: unknown, place: Place, findings: Findings): void {
  for (const [i, one] of listed(run).entries()) {
    const at = Array.isArray(run) ? [...place, i] : place;
    const has = (name: string): boolean => typeof one === 'object' && one !== null && name in one;
    if (has('worker') && has('command')) findings.add(at, "expected either 'command' or 'worker', got both");
    else findings.check(one, has('worker') ? WORKER : COMMAND, at);
    const ready = (one as { ready?: unknown } | null)?.ready;
    if (ready !== undefined) checkReady(ready, [...at, 'ready'], findings);
  }
}

function checkReady(ready: unknown, place: Place, findings: Findings): void {
  findings.check(ready, READY, place);
  if (findings.has(place)) return;
  const { host, ...others } = ready as { host?: string };
  const [kind, second] = Object.keys(others);
  if (kind === undefined || second !== undefined || (host !== undefined && kind !== 'port'))
    findings.add(place, 'expected one of port, log, file and exitCode, and host only with port');
}
