// A small Raft (https://raft.github.io), without files and snapshots: servers elect a leader, which copies its log to the others over TCP.
// examples/raft.test.mjs takes the network between them apart.
import { EventEmitter, once } from 'node:events';
import { createServer } from 'node:net';
import { text } from 'node:stream/consumers';
import { connect, listen } from 'rtnetns';

const PORT = 7000;

/** More than 1 on a machine that is slower than others. */
const PACE = Number(process.env.PACE ?? 1);

// Milliseconds.
const HEARTBEAT = 100 * PACE;
const ELECTION = { least: 400 * PACE, spread: 400 * PACE };
const ANSWER = 200 * PACE;

/** One server. It emits 'change' whenever something of it has changed. */
export class RaftServer extends EventEmitter {
  role = 'follower';
  term = 0;
  log = [];
  committed = 0;
  #votedFor;
  #next = new Map();
  #timer;
  #server;
  #handlers = { vote: (ask) => this.#vote(ask), append: (ask) => this.#append(ask) };

  /** `peers` are the addresses of the others. */
  constructor(netns, address, peers) {
    super();
    Object.assign(this, { netns, address, peers });
  }

  async start() {
    const server = createServer({ allowHalfOpen: true }, (socket) => void this.#serve(socket));
    this.#server = await listen(this.netns, server, { host: this.address, port: PORT });
    this.#waitForLeader();
    return this;
  }

  async [Symbol.asyncDispose]() {
    this.#become('stopped');
    const closed = once(this.#server, 'close');
    this.#server.close();
    await closed;
  }

  /** Values that most servers have. */
  get values() {
    return this.log.slice(0, this.committed).map(({ value }) => value);
  }

  /** Adds a value to the leader's log. */
  propose(value) {
    if (this.role !== 'leader') throw new Error(`${this.address} is no leader`);
    this.log.push({ term: this.term, value });
    this.#replicate();
  }

  #become(role, term = this.term) {
    if (this.role === 'stopped') return;
    if (term > this.term) this.#votedFor = undefined;
    Object.assign(this, { role, term });
    clearTimeout(this.#timer);
    if (role === 'follower') this.#waitForLeader();
    this.emit('change');
  }

  #waitForLeader() {
    clearTimeout(this.#timer);
    if (this.role === 'stopped') return;
    this.#timer = setTimeout(() => this.#campaign(), ELECTION.least + Math.random() * ELECTION.spread);
  }

  async #campaign() {
    this.#become('candidate', this.term + 1);
    this.#votedFor = this.address;
    this.#waitForLeader();
    const { term, log } = this;
    let votes = 1;
    const ask = {
      kind: 'vote',
      term,
      candidate: this.address,
      length: log.length,
      last: log.at(-1)?.term ?? 0,
    };
    for (const peer of this.peers) {
      this.#ask(peer, ask).then(({ granted }) => {
        if (!granted || this.role !== 'candidate' || this.term !== term) return;
        if (++votes <= this.peers.length / 2) return;
        this.#become('leader');
        this.#next = new Map(this.peers.map((one) => [one, this.log.length]));
        this.#lead();
      }, ignore);
    }
  }

  #lead() {
    if (this.role !== 'leader') return;
    this.#replicate();
    this.#timer = setTimeout(() => this.#lead(), HEARTBEAT);
  }

  #replicate() {
    for (const peer of this.peers) this.#copyTo(peer).catch(ignore);
  }

  async #copyTo(peer) {
    const { term, address: leader, committed, log } = this;
    const from = this.#next.get(peer);
    const before = log[from - 1]?.term ?? 0;
    const entries = log.slice(from);
    const { ok } = await this.#ask(peer, { kind: 'append', term, leader, from, before, entries, committed });
    if (this.role !== 'leader' || this.term !== term) return;
    this.#next.set(peer, ok ? from + entries.length : Math.max(0, from - 1));
    const copies = [...this.#next.values(), log.length].sort((a, b) => b - a);
    const shared = copies[Math.floor(copies.length / 2)];
    if (shared > this.committed && log[shared - 1].term === term) this.#commit(shared);
  }

  #commit(length) {
    if (length <= this.committed) return;
    this.committed = length;
    this.emit('change');
  }

  #vote({ term, candidate, length, last }) {
    const own = this.log.at(-1)?.term ?? 0;
    const isBehind = last < own || (last === own && length < this.log.length);
    const granted = term === this.term && !isBehind && [undefined, candidate].includes(this.#votedFor);
    if (granted) this.#votedFor = candidate;
    if (granted) this.#waitForLeader();
    return { granted };
  }

  #append({ term, from, before, entries, committed }) {
    if (term < this.term) return { ok: false };
    if (this.role !== 'follower') this.#become('follower');
    this.#waitForLeader();
    if (from > this.log.length || (this.log[from - 1]?.term ?? 0) !== before) return { ok: false };
    // an answer that was lost is no reason to take back what has come since
    const differs = entries.some(({ term: one }, i) => this.log[from + i]?.term !== one);
    if (differs) this.log.splice(from, Infinity, ...entries);
    this.#commit(Math.min(committed, from + entries.length));
    return { ok: true };
  }

  async #serve(socket) {
    socket.on('error', ignore);
    // of a client that is cut off nothing comes any more, not even its end
    socket.setTimeout(2 * ANSWER, () => socket.destroy());
    try {
      const { kind, ...ask } = JSON.parse(await received(socket));
      if (ask.term > this.term) this.#become('follower', ask.term);
      socket.end(JSON.stringify({ term: this.term, ...this.#handlers[kind](ask) }));
    } catch {
      socket.destroy(); // the other end has given up
    }
  }

  async #ask(peer, message) {
    const signal = AbortSignal.timeout(ANSWER);
    const socket = await connect(this.netns, { host: peer, port: PORT, signal });
    socket.on('error', ignore);
    socket.end(JSON.stringify(message));
    const answer = JSON.parse(await text(socket));
    if (answer.term > this.term) this.#become('follower', answer.term);
    return answer;
  }
}

/** All that comes until the other end has sent everything. This end may still answer, which `text` would not let it. */
async function received(socket) {
  const parts = [];
  socket.on('data', (part) => parts.push(part));
  await once(socket, 'end');
  return Buffer.concat(parts).toString();
}

function ignore() {
  // Raft asks again
}
