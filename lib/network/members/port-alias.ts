// The alias of a member's port names the member's namespace, device and aliases: 'net:[4026532178] eth0 db www'.

export interface PortOwner {
  /** Inode of the member's namespace. */
  netns: number;
  /** Name of the device in that namespace. */
  device: string;
  /** Names of the member. */
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
