import { NetworkError } from '../network-error';
import type { EgressOptions } from './options';

/** What `allow` has allowed a member. */
export interface EgressGrant extends Readonly<EgressOptions>, AsyncDisposable {
  /**
   * Takes the grant back, as `deny` does. A member that is detached by now, and a network that is removed or whose object is closed, are no
   * errors.
   *
   * @example
   * ```ts
   * const network = await createBridgeNetwork(host, { name: 'shop', subnet: '10.200.0.0/24' });
   * await network.attach(red, { name: 'shop0' });
   * const grant = await network.allow(red, { domains: ['api.example.com'] }, { name: 'shop0' });
   * await grant.revoke(); // or `await using grant`, which does that at the end of its block
   * ```
   */
  revoke(): Promise<void>;
}

/** For a grant that is taken back: it went with its member. */
export function ignoreGone(error: unknown): void {
  if (!(error instanceof NetworkError && error.code === 'ERR_NOT_A_MEMBER')) throw error;
}
