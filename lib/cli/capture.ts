import { createWriteStream, readFileSync } from 'node:fs';
import type { Writable } from 'node:stream';
import type { Command } from 'commander';
import { toBytes } from '../common/byte-text';
import { printable } from '../common/printable';
import { shown } from '../common/shown';
import { EXIT, exitAfter, exitCodes } from './exit';
import { interruption } from './interruption';
import { countOf, numberOrText, seconds } from './number';
import { packetLine } from './packet-line';
import { printError } from './print';
import { namesOf } from './words';
import {
  type BpfInstruction,
  type Capture,
  capture,
  type CaptureOptions,
  listLinks,
  type Netns,
  openNetns,
} from '..';

/** The options as the command line has them. */
interface CaptureFlags {
  write?: string;
  count?: string;
  duration?: string;
  filter?: string;
  snaplen?: string;
  buffer?: string;
  promiscuous?: true;
}

/** Standard output, or standard input, in place of a file. */
const STANDARD = '-';
const STDIN = 0;

const EXIT_CODES = {
  [EXIT.OK]: 'the capture ended by --count, --duration, SIGINT or SIGTERM',
  [EXIT.FOUND]: 'the device went down or away, or the file cannot be written',
  [EXIT.COULD_NOT_LOOK]: 'the arguments are wrong, or the capture could not begin',
};

/** Adds `rtnetns capture` to the command line. */
export function addCapture(program: Command): void {
  program
    .command('capture')
    .description('print the packets of a device, a line each, or write them to a pcap file')
    .argument('<name>', 'in /run/netns')
    .argument('[device]', 'without one, all devices of the namespace')
    .option('-w, --write <file>', 'write pcap to this file; to standard output with -')
    .option('-c, --count <number>', 'end after so many packets')
    .option('--duration <seconds>', 'end after this time')
    .option(
      '--filter <file>',
      "only packets that this program lets through: 'tcpdump -ddd' prints it; - is standard input",
    )
    .option('--snaplen <bytes>', 'take no more of each packet')
    .option('--promiscuous', 'receive frames that are addressed to others, too')
    .option('--buffer <bytes>', 'that may wait in the kernel (default: 4194304)')
    .addHelpText(
      'after',
      '\nStandard error gets a line when the capture begins, and one at its end with the\nnumbers of packets that the kernel received and dropped.',
    )
    .addHelpText('after', exitCodes(EXIT_CODES))
    .action(async (name: string, device: string | undefined, flags: CaptureFlags, command: Command) =>
      exitAfter(command, async () => runCapture(name, device, flags, command)),
    );
}

async function runCapture(
  name: string,
  device: string | undefined,
  flags: CaptureFlags,
  command: Command,
): Promise<number> {
  const options = optionsOf(flags);
  await using netns = await openNetns(name);
  await using packets = capture(netns, device, options);
  await packets.ready;
  console.error(printable(`listening on ${device ?? 'all devices'}`));
  using interrupted = interruption();
  interrupted.signal.addEventListener('abort', () => packets.close());
  try {
    if (flags.write !== undefined) await packets.toPcap(output(flags.write));
    else await printAll(netns, packets, device !== undefined);
    return EXIT.OK;
  } catch (error) {
    printError(error, command);
    return EXIT.FOUND;
  } finally {
    const { received, dropped } = packets.counts();
    console.error(`${received} packets received by the kernel, ${dropped} dropped`);
  }
}

function optionsOf(flags: CaptureFlags): CaptureOptions {
  const { count, duration, filter, snaplen, buffer, promiscuous } = flags;
  return {
    ...(count !== undefined && { count: countOf(count, '--count') }),
    ...(duration !== undefined && { duration: Math.round(seconds(duration, '--duration')) }),
    ...(snaplen !== undefined && { snaplen: numberOrText(snaplen) }),
    ...(buffer !== undefined && { buffer: numberOrText(buffer) }),
    ...(promiscuous && { promiscuous }),
    ...(filter !== undefined && { filter: readProgram(filter) }),
  };
}

/** The number of instructions comes first. */
function readProgram(file: string): BpfInstruction[] {
  const lines = readFileSync(file === STANDARD ? STDIN : toBytes(file), 'latin1')
    .trimEnd()
    .split('\n');
  const wrong = lines.find((line, i) => !(i === 0 ? /^\d+$/ : /^\d+ \d+ \d+ \d+$/).test(line));
  if (wrong !== undefined) {
    throw new RangeError(
      `--filter: expected a program as 'tcpdump -ddd' prints it, got the line ${shown(wrong)}`,
    );
  }
  return lines.slice(1).map((line) => line.split(' ').map(Number) as unknown as BpfInstruction);
}

function output(file: string): Writable {
  return file === STANDARD ? process.stdout : createWriteStream(toBytes(file));
}

async function printAll(netns: Netns, packets: Capture, ofDevice: boolean): Promise<void> {
  const nameOf = namesOf(await listLinks(netns));
  for await (const packet of packets)
    console.log(printable(packetLine(packet, nameOf(packet.device), ofDevice)));
}
