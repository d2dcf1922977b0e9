import { spawnSync } from 'node:child_process';

const mounting = ['unshare', ...(process.getuid?.() === 0 ? [] : ['--user', '--map-root-user']), '--mount'];

/** Whether tests may mount disks of their own. Where changes land they must: nothing may be left out there. */
export const mayMount =
  Boolean(process.env.CI) ||
  spawnSync(mounting[0] as string, [...mounting.slice(1), 'sh', '-c', 'mount -t tmpfs tmpfs /tmp']).status ===
    0;

/**
 * A command that mounts a disk of four megabytes, which no other process sees, and becomes the command behind it.
 * @param to where the output goes, on that disk; where it went anyway when left out
 */
export function onOwnDisk(disk: string, to?: string): string[] {
  const output = to === undefined ? '' : ` > '${to}'`;
  return [...mounting, 'sh', '-c', `mount -t tmpfs -o size=4m tmpfs '${disk}' && exec "$@"${output}`, 'sh'];
}
