/**
 * Takes back what an operation has made before it failed, and throws the failure, because the first reason is the one to
 * be known. A step that fails does not keep the others from being tried. Its error, which names what is left, is in the
 * failure's `rollbackErrors`, after those that the failure has from a part of the operation.
 */
export async function takingBack(failure: unknown, ...undo: (() => unknown)[]): Promise<never> {
  const rollbackErrors: unknown[] = [...rollbackErrorsOf(failure)];
  for (const step of undo) {
    try {
      await step();
    } catch (error) {
      rollbackErrors.push(error);
    }
  }
  if (rollbackErrors.length > 0 && failure instanceof Error) Object.assign(failure, { rollbackErrors });
  throw failure;
}

/** What an operation could not take back before it failed. */
export function rollbackErrorsOf(failure: unknown): readonly Error[] {
  return (failure as { rollbackErrors?: readonly Error[] } | null | undefined)?.rollbackErrors ?? [];
}
