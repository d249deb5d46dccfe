import { getSysctl, isReadOnly } from '../sysctl/sysctls';
import { inWords } from '../common/in-words';
import { PROC_SYS_READ_ONLY } from '../common/wants';
import type { Netns } from '../netns/netns';
import type { NetnsError } from '../netns/netns-error';
import { dotted } from '../sysctl/sysctl-key';
import { FORWARDING, forwardingChanges, type SysctlChange } from './forwarding';
import { ignoreMissing, takesAdvertisements } from './host';
import { NetworkError } from './network-error';
import type { NetworkPlan } from './plan';

// Where /proc/sys is read-only, the system refuses the first sysctl that a network needs. The caller is to set all of them
// in one go, and outside: so the devices that exist only while the network is made go by the defaults of new devices.

const DEFAULT_ACCEPT_RA = 'net/ipv6/conf/default/accept_ra';

/** The error with all sysctls that a network needs, where the system refused to write one; any other error as it is. */
export async function withAllSysctls(
  error: unknown,
  host: Netns,
  plan: NetworkPlan,
  isKept: boolean,
): Promise<unknown> {
  if (!isReadOnly(error)) return error;
  return inMoreWords(error, async () => {
    const changes = await forwardingChanges(host, plan);
    const isRouter = changes.some(({ key }) => key === FORWARDING[6]);
    if (!isRouter && (await takesAdvertisements(host, plan.name))) {
      changes.push(
        await acceptRaOf(host, isKept ? `net/ipv6/conf/${plan.name}/accept_ra` : DEFAULT_ACCEPT_RA),
      );
    }
    return changes.length === 0 ? error : unwritten(error, 'create', plan.name, changes);
  });
}

/** The same for the port of a member, which exists no more when the caller reads the error. */
export async function withDefaultSysctl(error: unknown, host: Netns, network: string): Promise<unknown> {
  if (!isReadOnly(error)) return error;
  return inMoreWords(error, async () =>
    unwritten(error, 'attach to', network, [await acceptRaOf(host, DEFAULT_ACCEPT_RA)]),
  );
}

/** The error as it is where the sysctls cannot be read either: whoever asks has to take back what was made. */
async function inMoreWords(error: NetnsError, explain: () => Promise<Error>): Promise<Error> {
  return explain().catch(() => error);
}

async function acceptRaOf(host: Netns, key: string): Promise<SysctlChange> {
  const from = (await ignoreMissing(getSysctl(host, key))) ?? '';
  return { key, from, to: '0' };
}

function unwritten(
  cause: NetnsError,
  operation: string,
  network: string,
  changes: readonly SysctlChange[],
): NetworkError {
  const { code } = cause;
  const reason = code === 'EROFS' ? PROC_SYS_READ_ONLY : 'this process may not write all sysctls of the host';
  const where = code === 'EROFS' ? 'outside of the container' : 'as a user who may';
  const wanted = changes.map(({ key, from, to }) => `${dotted(key)} to ${to} (the value is ${from})`);
  return new NetworkError(
    { code, operation, network, reason: `${reason}: set ${inWords(wanted)} ${where}` },
    { cause },
  );
}
