// A member's port says in its alias whose it is: 'net:[4026532178] eth0 db www'.

export interface PortOwner {
  /** Inode of the member's namespace. */
  netns: number;
  /** The device in it. */
  device: string;
  /** Names that the member goes by. */
  aliases: string[];
}

export function writeOwner(owner: { netns: number; device: string; aliases: readonly string[] }): string {
  const { netns, device, aliases } = owner;
  return [`net:[${netns}]`, device, ...aliases].join(' ');
}

export function readOwner(alias = ''): PortOwner {
  const [netns = '', device = '', ...aliases] = alias.split(' ');
  return { netns: Number(/\d+/.exec(netns)?.[0] ?? 0), device, aliases };
}
