const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/**
 * A signal that is aborted when the user ends the command, by Ctrl-C or by SIGTERM, for the command to end as it should. The
 * next such signal ends the process at once. Disposing of it leaves the signals to node again.
 */
export function interruption(): Disposable & { readonly signal: AbortSignal } {
  const controller = new AbortController();
  const leave = () => {
    for (const name of SIGNALS) process.off(name, interrupt);
  };
  const interrupt = () => {
    leave();
    controller.abort();
  };
  for (const name of SIGNALS) process.on(name, interrupt);
  return { signal: controller.signal, [Symbol.dispose]: leave };
}
