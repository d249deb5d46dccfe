import { checkEachOption, type OptionCheck } from '../common/options';
import { shown } from '../common/shown';

// Checks of values with many parts, which do not end with the first fault: they throw all faults as one AggregateError, of which `Findings`
// adds each.

/** A list. */
export const allOf =
  (check: OptionCheck): OptionCheck =>
  (value, path) => {
    if (!Array.isArray(value)) throw new TypeError(`${path}: expected a list, got ${shown(value)}`);
    const errors: unknown[] = [];
    // an empty place of a list is an item that is missing
    Array.from(value as readonly unknown[]).forEach((item, i) => {
      try {
        check(item, `${path}[${i}]`);
      } catch (error) {
        errors.push(error);
      }
    });
    throwIfAny(errors);
  };

/** An object with options of its own. */
export const allOptionsOf =
  (table: Parameters<typeof checkEachOption>[1]): OptionCheck =>
  (value, path) => {
    const errors: unknown[] = [];
    checkEachOption(value, table, { path }, (error) => errors.push(error));
    throwIfAny(errors);
  };

/** Throws only the first fault, as functions do that take no definition. */
export function checkFirst(check: () => void): void {
  try {
    check();
  } catch (error) {
    throw error instanceof AggregateError ? error.errors[0] : error;
  }
}

function throwIfAny(errors: readonly unknown[]): void {
  if (errors.length > 0) throw errors.length === 1 ? errors[0] : new AggregateError(errors);
}
