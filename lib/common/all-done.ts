/** Waits for all of them, whatever becomes of each. @throws the first failure, when the others are done as well. */
export async function allDone<T>(work: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(work);
  return Promise.all(work);
}
