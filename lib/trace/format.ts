import { checkObject, isText, listOf, oneOf } from '../common/options';
import { printable } from '../common/printable';
import type { PacketStep, PacketTrace, TracedPacket } from './types';

// A trace as text for people.

/**
 * Formats a trace as several lines of text: each step with its hook, priority, chain and rule, the addresses and ports that
 * NAT changed between the steps, and the outcome. Control characters in names are escaped.
 *
 * @example
 * ```ts
 * const found = await trace(red, { to: '10.0.0.1', port: 80, from: blue, sourcePort: 50000 });
 * const lines = formatTrace(found).split('\n');
 * console.log(lines[0]); // tcp 10.0.0.2:50000 → 10.0.0.1:80 in by eth0
 * console.log(lines[1]); //   input 0: inet filter input: policy accept
 * console.log(lines[2]); // accepted: it is for this host
 * ```
 */
export function formatTrace(trace: PacketTrace): string {
  checkObject(trace, 'trace');
  const { outcome, packet, steps, end, hint } = trace;
  isOutcome(outcome, 'trace.outcome');
  areSteps(steps, 'trace.steps');
  const lines = packet === undefined ? [] : [`${packetText(packet)}${byText(packet)}`];
  let before = packet;
  for (const step of steps) {
    lines.push(...changeLines(before, step.packet), `  ${stepText(step)}`);
    before = step.packet;
  }
  if (end !== undefined) lines.push(...changeLines(before, end));
  lines.push(`${outcome}${endText(trace)}${hint === undefined ? '' : `: ${hint}`}`);
  return lines.map(printable).join('\n');
}

const isOutcome = oneOf(['accepted', 'dropped', 'rejected', 'lost', 'not seen', 'not sent']);

const areSteps = listOf((step, path) => {
  checkObject(step, path);
  const { table, text, packet, verdict } = step as { [K in keyof PacketStep]?: unknown };
  checkObject(table, `${path}.table`);
  isText(text, `${path}.text`);
  checkObject(packet, `${path}.packet`);
  if (typeof verdict !== 'string') checkObject(verdict, `${path}.verdict`);
});

const bracketed = (address: string) => (address.includes(':') ? `[${address}]` : address);

function place(address: string, port: number | undefined): string {
  return port === undefined ? address : `${bracketed(address)}:${port}`;
}

function ends(packet: TracedPacket): string {
  const { source, sourcePort, destination, destinationPort } = packet;
  return `${place(source, sourcePort)} → ${place(destination, destinationPort)}`;
}

function packetText(packet: TracedPacket): string {
  return `${packet.protocol} ${ends(packet)}`;
}

function byText({ iif, oif }: TracedPacket): string {
  if (iif !== undefined) return ` in by ${iif}`;
  return oif === undefined ? '' : ` out by ${oif}`;
}

function changeLines(before: TracedPacket | undefined, after: TracedPacket): string[] {
  return before === undefined || ends(before) === ends(after) ? [] : [`  NAT: ${ends(after)}`];
}

function stepText({ hook, priority, table, chain, rule, text, verdict }: PacketStep): string {
  const number = rule === undefined ? '' : ` #${rule}`;
  const said =
    typeof verdict === 'string'
      ? verdict
      : 'jump' in verdict
        ? `jump ${verdict.jump}`
        : `goto ${verdict.goto}`;
  const comes = rule === undefined || said === 'continue' || text.includes(said) ? '' : ` → ${said}`;
  return `${hook} ${priority}: ${table.family} ${table.name} ${chain}${number}: ${text}${comes}`;
}

function endText({ end, steps, outcome }: PacketTrace): string {
  if (end !== undefined) return end.hook === 'input' ? ': it is for this host' : `: it leaves by ${end.oif}`;
  const last = steps.at(-1);
  if (last === undefined || (outcome !== 'dropped' && outcome !== 'rejected')) return '';
  return ` by ${last.table.family} ${last.table.name} ${last.chain}: ${last.text}`;
}
