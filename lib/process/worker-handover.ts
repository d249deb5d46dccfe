/** The environment data by which a new worker learns where it is to live; it has taken it away before it looks. */
export const HANDOVER = 'rtnetns:worker';

export interface Handover {
  /** Of the namespace, open at least until the worker is online: all threads share their descriptors. */
  fd: number;
  /** What errors call the namespace. */
  netns: string;
  /** What the worker would have found, had it not been for the preloading; undefined where it finds just that. */
  execArgv: readonly string[] | undefined;
  nodeOptions: string | undefined;
}
