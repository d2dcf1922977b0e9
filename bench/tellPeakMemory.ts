import { readFileSync, writeSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

/**
 * Loaded before a program that is measured: when it ends, tells the most memory it ever had resident, in bytes, on
 * the pipe that nodeProcess.ts opens for it. Every thread of the program loads this, and one tells.
 */
const pipe = 3;
if (isMainThread) process.once('exit', () => writeSync(pipe, String(peakBytes())));

function peakBytes(): number {
  // Where there is no /proc; on Linux this number begins with the memory of the process that started the program.
  if (process.platform !== 'linux') return process.resourceUsage().maxRSS * 1024;
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) * 1024;
}
