export { formatTrace } from './format';
export type { TraceOptions, TraceProtocol } from './options';
export { trace } from './trace';
export type { PacketStep, PacketTrace, TracedPacket, TraceOutcome } from './types';
