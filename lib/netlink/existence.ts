import { oneOf } from '../common/options';
import { rethrow } from '../common/system-error';
import { ignoring } from './error';
import { NLM_F_APPEND, NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } from './message';

// What becomes of a request to add what exists, or to remove what does not.

const ADD_FLAGS = {
  fail: NLM_F_CREATE | NLM_F_EXCL,
  ignore: NLM_F_CREATE | NLM_F_EXCL,
  replace: NLM_F_CREATE | NLM_F_REPLACE,
  append: NLM_F_CREATE | NLM_F_APPEND,
} as const;

/** What becomes of a call that adds what is there already: it fails, or changes nothing. */
export type IfExists = 'fail' | 'ignore';
/** What becomes of a call that removes what is not there: it fails, or changes nothing. */
export type IfMissing = 'fail' | 'ignore';

/** The checks of options of these types. */
export const IF_EXISTS = oneOf(['fail', 'ignore']);
export const IF_EXISTS_OR_REPLACE = oneOf(['fail', 'ignore', 'replace']);
export const IF_MISSING = oneOf(['fail', 'ignore']);

/** The flags of a request that adds an object. */
export function addFlags(ifExists: keyof typeof ADD_FLAGS): number {
  return ADD_FLAGS[ifExists];
}

/** A handler for `catch`: EEXIST is no failure where an object that exists is to be ignored. */
export function onExisting(ifExists: keyof typeof ADD_FLAGS | undefined): (error: unknown) => undefined {
  return ifExists === 'ignore' ? ignoring('EEXIST') : rethrow;
}

/** A handler for `catch`: the code by which the kernel refuses to remove what is missing is no failure if ignored. */
export function onMissing(ifMissing: IfMissing, code: string): (error: unknown) => undefined {
  return ifMissing === 'ignore' ? ignoring(code) : rethrow;
}
