// The file format pcapng in little endian: draft-ietf-opsawg-pcapng.

/** What is written of one device. */
export interface Recorded {
  /** pcap-linktype(7), LINKTYPE_* */
  linkType: number;
  /** 'eth0' */
  device: string;
  packets: readonly RecordedPacket[];
}

export interface RecordedPacket {
  /** Nanoseconds since 1970. */
  time: bigint;
  data: Buffer;
  /** Of the packet; more than there is data of where it was cut. */
  length: number;
}

/** What else stands in the file. */
export interface Notes {
  /** What happened, each before the next packet. */
  comments?: readonly Comment[];
  /** Lines as SSLKEYLOGFILE has them, by which TLS is read. */
  secrets?: Buffer | undefined;
}

const SECTION = 0x0a0d0d0a;
const INTERFACE = 1;
const PACKET = 6;
const SECRETS = 10;

const MAGIC = 0x1a2b3c4d;
const VERSION = [1, 0] as const;
const TLS_KEYS = 0x544c534b; // 'TLSK'

const OPTION = { comment: 1, application: 4, deviceName: 2, resolution: 9 } as const;
const NANOSECONDS = Buffer.from([9]);

export interface Comment {
  /** Nanoseconds since 1970. */
  time: bigint;
  text: string;
}

/** A whole file. The secrets stand before the packets that they are for. */
export function toPcapng({ linkType, device, packets }: Recorded, notes: Notes = {}): Buffer {
  const { secrets } = notes;
  const comments = [...(notes.comments ?? [])].sort((a, b) => Number(a.time - b.time));
  const last = packets.at(-1);
  return Buffer.concat([
    section(),
    interfaceOf(linkType, device),
    ...(secrets === undefined || secrets.length === 0 ? [] : [secretsOf(secrets)]),
    ...packets.map((packet) => {
      // what happened after the last packet stands at that one
      const before = comments.findIndex(({ time }) => packet !== last && time > packet.time);
      const due = comments.splice(0, before < 0 ? comments.length : before);
      return packetOf(
        packet,
        due.map(({ text }) => text),
      );
    }),
  ]);
}

function section(): Buffer {
  const body = Buffer.alloc(16, 0xff); // the section's length is not given
  body.writeUInt32LE(MAGIC, 0);
  body.writeUInt16LE(VERSION[0], 4);
  body.writeUInt16LE(VERSION[1], 6);
  return block(SECTION, body, [[OPTION.application, Buffer.from('rtnetns')]]);
}

function interfaceOf(linkType: number, device: string): Buffer {
  const body = Buffer.alloc(8); // no packet is cut
  body.writeUInt16LE(linkType, 0);
  return block(INTERFACE, body, [
    [OPTION.deviceName, Buffer.from(device)],
    [OPTION.resolution, NANOSECONDS],
  ]);
}

function secretsOf(secrets: Buffer): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt32LE(TLS_KEYS, 0);
  header.writeUInt32LE(secrets.length, 4);
  return block(SECRETS, Buffer.concat([header, padded(secrets)]));
}

function packetOf({ time, data, length }: RecordedPacket, comments: readonly string[]): Buffer {
  const header = Buffer.alloc(20); // of the interface 0
  header.writeUInt32LE(Number(time >> 32n), 4);
  header.writeUInt32LE(Number(time & 0xffff_ffffn), 8);
  header.writeUInt32LE(data.length, 12);
  header.writeUInt32LE(length, 16);
  return block(
    PACKET,
    Buffer.concat([header, padded(data)]),
    comments.map((text) => [OPTION.comment, Buffer.from(text)]),
  );
}

type Option = readonly [code: number, value: Buffer];

function block(type: number, body: Buffer, options: readonly Option[] = []): Buffer {
  const whole = Buffer.concat([body, ...options.map(optionOf), Buffer.alloc(options.length > 0 ? 4 : 0)]);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(whole.length + 12);
  const begin = Buffer.alloc(4);
  begin.writeUInt32LE(type);
  return Buffer.concat([begin, length, whole, length]);
}

function optionOf([code, value]: Option): Buffer {
  const header = Buffer.alloc(4);
  header.writeUInt16LE(code, 0);
  header.writeUInt16LE(value.length, 2);
  return Buffer.concat([header, padded(value)]);
}

/** To a multiple of four bytes. */
function padded(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc(-bytes.length & 3)]);
}
