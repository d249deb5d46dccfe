// To be preloaded as a module: where was its thread?
import { readlinkSync } from 'node:fs';

globalThis.preloaded = [...(globalThis.preloaded ?? []), readlinkSync('/proc/thread-self/ns/net')];
