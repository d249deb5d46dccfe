/**
 * Takes back what an operation has made before it failed, and throws the failure. What cannot be taken back is in the
 * failure's `rollbackErrors`, because the first reason is the one to be known.
 */
export async function takingBack(failure: unknown, ...undo: (() => unknown)[]): Promise<never> {
  const rollbackErrors: unknown[] = [];
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
