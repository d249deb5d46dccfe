import { isIPv6 } from 'node:net';
import type { PingPacket } from '..';

// The lines of ping(8), of iputils.

/** Bytes of data, and what the headers of ICMP and IPv4 add. */
const SIZE = 56;
const ICMP_HEADER = 8;
const HEADERS = 28;

export function header(host: string, address: string): string {
  return isIPv6(address)
    ? `PING ${host}(${address}) ${SIZE} data bytes`
    : `PING ${host} (${address}) ${SIZE}(${SIZE + HEADERS}) bytes of data.`;
}

/** Words for the errors of ICMP, by 'type/code'. */
const ICMP_WORDS: Readonly<Partial<Record<string, string>>> = {
  '3/0': 'Destination Net Unreachable',
  '3/1': 'Destination Host Unreachable',
  '3/2': 'Destination Protocol Unreachable',
  '3/3': 'Destination Port Unreachable',
  '3/6': 'Destination Net Unknown',
  '3/7': 'Destination Host Unknown',
  '3/9': 'Destination Net Prohibited',
  '3/10': 'Destination Host Prohibited',
  '3/13': 'Packet filtered',
  '11/0': 'Time to live exceeded',
  '11/1': 'Frag reassembly time exceeded',
};

/** Words for the errors of ICMPv6. */
const ICMPV6_WORDS: Readonly<Partial<Record<string, string>>> = {
  '1/0': 'Destination unreachable: No route',
  '1/1': 'Destination unreachable: Administratively prohibited',
  '1/2': 'Destination unreachable: Beyond scope of source address',
  '1/3': 'Destination unreachable: Address unreachable',
  '1/4': 'Destination unreachable: Port unreachable',
  '3/0': 'Time exceeded: Hop limit',
};

/** Of an answer, or of an error in its place; undefined where there was none in time, of which ping(8) prints nothing. */
export function replyLine(address: string, sequence: number, packet: PingPacket): string | undefined {
  const { status, rtt = 0, ttl, from = address, code, icmp } = packet;
  if (status === 'timeout') return undefined;
  if (status === 'reply') {
    return `${SIZE + ICMP_HEADER} bytes from ${from}: icmp_seq=${sequence} ttl=${ttl} time=${inDigits(rtt)} ms`;
  }
  if (icmp === undefined) return `icmp_seq=${sequence} not sent: ${code}`;
  const words = (isIPv6(address) ? ICMPV6_WORDS : ICMP_WORDS)[`${icmp.type}/${icmp.code}`];
  return `From ${from} icmp_seq=${sequence} ${words ?? `${code} (type ${icmp.type}, code ${icmp.code})`}`;
}

/** With three digits that count, and none below a microsecond. */
function inDigits(ms: number): string {
  const digits = [99.95, 9.995, 0.9995].findIndex((least) => ms >= least);
  return ms.toFixed(digits < 0 ? 3 : digits);
}

/** What became of all requests. */
export class PingSummary {
  sent = 0;
  received = 0;
  readonly #began = performance.now();
  #errors = 0;
  #least = Infinity;
  #most = 0;
  #sum = 0;
  #squares = 0;

  add({ status, rtt = 0 }: PingPacket): void {
    if (status === 'unreachable') this.#errors++;
    if (status !== 'reply') return;
    this.received++;
    this.#least = Math.min(this.#least, rtt);
    this.#most = Math.max(this.#most, rtt);
    this.#sum += rtt;
    this.#squares += rtt * rtt;
  }

  lines(host: string): string[] {
    const loss = Number((((this.sent - this.received) * 100) / this.sent).toPrecision(6));
    const errors = this.#errors === 0 ? '' : `, +${this.#errors} errors`;
    const time = Math.round(performance.now() - this.#began);
    return [
      '',
      `--- ${host} ping statistics ---`,
      `${this.sent} packets transmitted, ${this.received} received${errors}, ${loss}% packet loss, time ${time}ms`,
      this.received === 0 ? '' : this.#times(),
    ];
  }

  #times(): string {
    const mean = this.#sum / this.received;
    // below 0 by rounding, where all are alike
    const deviation = Math.sqrt(Math.max(0, this.#squares / this.received - mean * mean));
    const times = [this.#least, mean, this.#most, deviation].map((ms) => ms.toFixed(3));
    return `rtt min/avg/max/mdev = ${times.join('/')} ms`;
  }
}
