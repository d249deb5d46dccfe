/**
 * Takes back what an operation has made before it failed, and throws the failure, because the first reason is the one to
 * be known. A step that fails does not keep the others from being tried. Its error, which names what is left, is in the
 * failure's `rollbackErrors`.
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
