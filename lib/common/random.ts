/**
 * A whole number from `min` on, below `max`, for what only has to differ from all others: a MAC address, an index. It can be
 * guessed. node:crypto has better ones, but takes longer to load than most of this library.
 */
export function randomBetween(min: number, max: number): number {
  return min + Math.floor(Math.random() * (max - min));
}
