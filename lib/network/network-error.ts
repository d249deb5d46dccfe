import { constants } from 'node:os';
import { errorText } from '../common/error-text';

export interface NetworkErrorDetails {
  /**
   * 'EADDRINUSE', or a code of this library: 'ERR_NETWORK_MISMATCH', 'ERR_NETWORK_NAME_TAKEN', 'ERR_NETWORK_REMOVED',
   * 'ERR_NETWORK_CLOSED', 'ERR_SUBNET_OVERLAP', 'ERR_SUBNET_FULL', 'ERR_MEMBER_EXISTS', 'ERR_NOT_A_MEMBER',
   * 'ERR_NETWORK_INTERNAL'.
   */
  code: string;
  /** 'attach to' */
  operation: string;
  /** Name of the network. */
  network: string;
  /** The option at fault: 'subnet', 'publish[0].hostPort'. */
  option?: string | undefined;
  address?: string | undefined;
  port?: number | undefined;
  protocol?: string | undefined;
  reason: string;
}

/** An operation on a bridge network failed, and left nothing behind but what `rollbackErrors` name. */
export class NetworkError extends Error {
  override readonly name = 'NetworkError';
  /** 'EADDRINUSE', or of this library: 'ERR_SUBNET_FULL'. */
  readonly code: string;
  /** The errno, where the code is one of the system's. */
  readonly errno: number | undefined;
  /** What was attempted: 'attach to'. */
  readonly operation: string;
  /** The network's name. */
  readonly network: string;
  /** The option at fault. */
  readonly option: string | undefined;
  /** The address at fault. */
  readonly address: string | undefined;
  /** The host's port at fault. */
  readonly port: number | undefined;
  /** The protocol of that port. */
  readonly protocol: string | undefined;
  /**
   * Where something could not be taken back that was made before the failure: an error for each step, which names what is
   * left.
   */
  declare readonly rollbackErrors?: readonly unknown[];

  /** @hidden */
  constructor(details: NetworkErrorDetails, options?: ErrorOptions) {
    const { code, operation, network, option, reason } = details;
    const attempted = [operation, 'network', network];
    super(errorText({ code, attempted, option, explanation: reason }), options);
    this.code = code;
    this.errno = (constants.errno as Readonly<Record<string, number>>)[code];
    this.operation = operation;
    this.network = network;
    this.option = option;
    this.address = details.address;
    this.port = details.port;
    this.protocol = details.protocol;
  }
}
