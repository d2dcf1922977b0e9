import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';

/**
 * Whose requests and connections are counted together: an address of IPv4, or a network of IPv6, for whoever has one
 * address there has 2^64 of them.
 */
export class Addresses {
  private readonly proxies = new BlockList();

  /** @param trustedProxies addresses and networks: what these say of a client's address is believed */
  constructor(trustedProxies: readonly string[]) {
    for (const network of trustedProxies) {
      const [address = '', bits] = network.split('/');
      const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
      if (bits === undefined) this.proxies.addAddress(address, family);
      else this.proxies.addSubnet(address, Number(bits), family);
    }
  }

  isProxy(address: string): boolean {
    const family = isIP(address);
    return family !== 0 && this.proxies.check(withoutZone(address), family === 6 ? 'ipv6' : 'ipv4');
  }

  /** Whose a request is: the last address on its way that is no trusted proxy. */
  of({ socket, headers }: IncomingMessage): string {
    let address = socket.remoteAddress ?? '';
    const told = headers['x-forwarded-for'];
    if (told !== undefined && this.isProxy(address)) {
      for (const text of String(told).split(',').reverse()) {
        const before = withoutPort(text.trim());
        // What is no address says nothing: the proxy that let it through answers for it.
        if (isIP(before) === 0) break;
        address = before;
        if (!this.isProxy(address)) break;
      }
    }
    return networkOf(address);
  }
}

/** An address of IPv4 as it is, of IPv6 the first 64 bits. */
export function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  if (isIP(address) !== 6) return address;
  const [head = '', tail] = withoutZone(address).toLowerCase().split('::');
  const before = groupsOf(head);
  const after = groupsOf(tail ?? '');
  const zeros = tail === undefined ? 0 : 8 - before.length - after.length;
  const groups = [...before, ...Array<string>(zeros).fill('0'), ...after];
  return `${groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':')}::/64`;
}

/** An address of IPv4 at the end stands for two groups. */
function groupsOf(text: string): string[] {
  return text === '' ? [] : text.split(':').flatMap((group) => (group.includes('.') ? ['0', '0'] : [group]));
}

/** The interface behind a link-local address. */
function withoutZone(address: string): string {
  return address.split('%')[0] as string;
}

/** Some proxies tell the port, too: `192.0.2.1:50000`, `[2001:db8::1]:50000`. */
function withoutPort(text: string): string {
  return /^\[([^\]]+)\](?::\d+)?$/.exec(text)?.[1] ?? /^([\d.]+):\d+$/.exec(text)?.[1] ?? text;
}
