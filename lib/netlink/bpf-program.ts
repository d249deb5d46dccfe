import { toBytes } from '../common/byte-text';
import { defined } from '../common/objects';
import type { OptionCheck } from '../common/options';
import { refuse } from '../common/refuse';
import { shown } from '../common/shown';
import { Bytes, Writer } from './bytes';
import { located, u16, u32, u8 } from './codec';
import { struct } from './struct';

/**
 * An instruction of classic BPF, linux/filter.h: what to do, how many instructions to skip where a comparison
 * holds and where it does not, and an operand. `tcpdump -ddd` prints such programs, one instruction in each
 * line.
 */
export type BpfInstruction = readonly [code: number, jt: number, jf: number, k: number];

const MOST = 4096; // BPF_MAXINSNS

/** struct sock_filter */
const instruction = struct([
  ['code', u16, 2],
  ['jt', u8, 1],
  ['jf', u8, 1],
  ['k', u32, 4],
]);

/** The program in bytes. Only the form of the instructions is checked here; the kernel checks the program. */
export function programBytes(program: unknown, option: string): Buffer {
  if (!Array.isArray(program)) {
    throw new TypeError(
      `${option}: expected a list of instructions [code, jt, jf, k], got ${shown(program)}`,
    );
  }
  if (program.length < 1 || program.length > MOST) {
    throw new RangeError(`${option}: a program has 1 to ${MOST} instructions, got ${program.length}`);
  }
  const writer = new Writer();
  for (const [i, item] of (program as unknown[]).entries()) {
    const where = `${option}[${i}]`;
    if (!Array.isArray(item) || item.length !== 4) {
      throw new TypeError(`${where}: expected an instruction [code, jt, jf, k], got ${shown(item)}`);
    }
    const [code, jt, jf, k] = item as unknown as BpfInstruction;
    try {
      instruction.write(writer, { code, jt, jf, k });
    } catch (error) {
      throw located(error, where);
    }
  }
  return writer.take();
}

/** The program that is in the bytes. */
export function readProgram(bytes: Uint8Array): BpfInstruction[] {
  const from = new Bytes(Buffer.from(bytes));
  return Array.from({ length: Math.floor(bytes.length / instruction.size) }, (_, i) => {
    const at = i * instruction.size;
    const { code, jt, jf, k } = instruction.read(from, at, at + instruction.size);
    return [code, jt, jf, k];
  });
}

const PATH_MAX = 4096;

/** A check for a table: where a program is pinned. */
export const isPinned: OptionCheck = (value, path) => {
  if (typeof value !== 'string' || !value.startsWith('/')) {
    return refuse(path, 'expected a path that begins with /', value);
  }
  if (value.includes('\0')) refuse(path, 'a path must not hold a NUL', value);
  if (toBytes(value, path).length >= PATH_MAX)
    refuse(path, `a path has at most ${PATH_MAX - 1} bytes`, value);
};

/** Refuses what has no program, or more than one, and what only a loaded one has. `path` is what the names follow. */
export function checkProgram(
  { program, fd, pinned }: { program?: unknown; fd?: unknown; pinned?: unknown },
  ofLoaded: object,
  path = '',
): void {
  const given = Object.keys(defined({ program, fd, pinned }));
  const [, second] = given;
  if (second !== undefined || given.length === 0) {
    // what was listed is added again
    const lost = second === undefined ? ', because a list does not say where a loaded program is pinned' : '';
    throw new TypeError(
      `${path}${second ?? 'pinned'}: either 'program', 'fd' or 'pinned' has to be given${lost}`,
    );
  }
  if (program === undefined) return;
  const [other] = Object.keys(defined(ofLoaded));
  if (other !== undefined) throw new TypeError(`${path}${other}: it takes 'fd' or 'pinned'`);
}
