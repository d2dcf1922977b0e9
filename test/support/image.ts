import { execFile } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { delimiter, dirname, join, relative, resolve } from 'node:path';
import { promisify } from 'node:util';

/**
 * Builds the image that a Dockerfile tells of where there is no engine of containers: each stage in a folder of its own that
 * stands for its root, with nothing in it but what the Dockerfile puts there. It knows what the Dockerfile here uses, and
 * fails at anything else.
 *
 * Two things are not done as in a container. What the system's package manager would install is this machine's. And
 * `npm ci` takes the packages that it has made of the same lock file for the project, by hard links: that asks no registry,
 * compiles nothing, and takes seconds.
 */

export interface Instruction {
  name: string;
  given: string;
}

export interface Image {
  /** The folder that stands for `/`. */
  root: string;
  environment: Record<string, string>;
  /** Path in the image. */
  workingFolder: string;
  user: string;
  volumes: string[];
  command: string[];
  healthCheck: string[];
  /** Who was made the owner of what, as `node:node /data`. */
  owners: string[];
}

/** The instructions of all stages. */
export function readDockerfile(text: string): Instruction[] {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
    .join('\n')
    .replace(/\\\n/g, ' ')
    .split('\n')
    .map((line) => {
      const [, name, given] = /^([A-Z]+) +(.*)$/.exec(line) ?? [];
      if (name === undefined || given === undefined) throw new Error(`no instruction: ${line}`);
      return { name, given: given.trim() };
    });
}

/** Which paths a .dockerignore keeps out: the last pattern that matches a path, or a folder above it, decides. */
export function readDockerignore(text: string): (path: string) => boolean {
  const patterns = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const pattern = line.replace(/^!/, '').replace(/^\/|\/$/g, '');
      const matcher = pattern
        .split(/(\*\*\/?|\*|\?)/)
        .map((part) => {
          if (part.startsWith('**')) return '(?:.*/)?';
          if (part === '*') return '[^/]*';
          return part === '?' ? '[^/]' : part.replace(/[.+^${}()|[\]\\]/g, '\\$&');
        })
        .join('');
      return { keepsOut: !line.startsWith('!'), matches: new RegExp(`^${matcher}(?:/|$)`) };
    });
  return (path) => patterns.findLast(({ matches }) => matches.test(path))?.keepsOut ?? false;
}

/**
 * @param project the folder with the Dockerfile, which is what it copies from
 * @param folder where the stages are built; removed by the caller
 */
export async function buildImage(project: string, folder: string): Promise<Image> {
  const read = (name: string) => readFileSync(join(project, name), 'utf8');
  const context = join(folder, 'context');
  copyContext(project, context, readDockerignore(read('.dockerignore')));
  const shims = writeShims(join(folder, 'shims'), project);
  const stages = new Map<string, Image>();
  let stage: Image | undefined;
  for (const { name, given } of readDockerfile(read('Dockerfile'))) {
    if (name === 'FROM') {
      const [, called] = /^\S+(?: AS (\S+))?$/.exec(given) ?? [];
      stage = newStage(join(folder, `stage${stages.size}`));
      stages.set(called ?? String(stages.size), stage);
    } else if (stage) await follow(stage, name, given);
    else throw new Error(`${name} before FROM`);
  }
  if (!stage) throw new Error('no stage');
  return stage;

  async function follow(image: Image, name: string, given: string): Promise<void> {
    switch (name) {
      case 'WORKDIR':
        image.workingFolder = resolve(image.workingFolder, given);
        mkdirSync(inRoot(image, image.workingFolder), { recursive: true });
        return;
      case 'COPY':
        return copy(image, given);
      case 'RUN':
        return run(image, given, shims);
      case 'ENV':
        for (const [, variable, value] of given.matchAll(/(\w+)=(\S*)/g)) {
          image.environment[variable as string] = value as string;
        }
        return;
      case 'USER':
        image.user = given;
        return;
      case 'VOLUME':
        image.volumes.push(given);
        return;
      case 'CMD':
        image.command = JSON.parse(given);
        return;
      case 'HEALTHCHECK':
        image.healthCheck = JSON.parse(given.replace(/^(--\S+ +)*CMD +/, ''));
        return;
      case 'EXPOSE':
        return;
      default:
        throw new Error(`what does ${name} do?`);
    }
  }

  function copy(image: Image, given: string): void {
    const [, from, paths = ''] = /^(?:--from=(\S+) +)?(.*)$/.exec(given) ?? [];
    const words = paths.split(/ +/);
    const sources = words.slice(0, -1);
    const target = words.at(-1) as string;
    if (words.some((word) => /^--|[*?[]/.test(word))) throw new Error(`what does COPY ${given} do?`);
    const base = from === undefined ? context : stages.get(from)?.root;
    if (base === undefined) throw new Error(`COPY from a stage that there is not: ${from}`);
    for (const source of sources) {
      const path = join(base, source);
      if (!existsSync(path)) throw new Error(`COPY ${source}: not found`);
      const into = resolve(image.workingFolder, target);
      const isInside = target.endsWith('/') && !statSync(path).isDirectory();
      copyFiles(path, inRoot(image, isInside ? join(into, source.split('/').at(-1) as string) : into));
    }
  }
}

/** A process of the image: its environment, with paths in the folder that stands for its root. */
export function processIn(image: Image, environment: Record<string, string> = {}) {
  const values = { ...image.environment, ...environment };
  return {
    cwd: inRoot(image, image.workingFolder),
    env: {
      PATH: [join(image.root, 'usr/local/bin'), dirname(process.execPath), '/usr/bin', '/bin'].join(
        delimiter,
      ),
      ...Object.fromEntries(
        Object.entries(values).map(([name, value]) => [
          name,
          value.replace(/(^|:)(\/(?!\/))/g, (_all, before) => `${before}${image.root}/`),
        ]),
      ),
    },
  };
}

function newStage(root: string): Image {
  // What there is in every base.
  for (const path of ['root', 'usr/local/bin', 'var/lib/apt/lists', 'tmp']) {
    mkdirSync(join(root, path), { recursive: true });
  }
  return {
    root,
    environment: {},
    workingFolder: '/',
    user: 'root',
    volumes: [],
    command: [],
    healthCheck: [],
    owners: [],
  };
}

function inRoot(image: Image, path: string): string {
  return join(image.root, path);
}

/** As somebody has it who checks out under a strict umask: nobody else may read a file of it. Copies keep that. */
function copyContext(project: string, context: string, isIgnored: (path: string) => boolean): void {
  for (const name of readdirSync(project)) {
    if (name === 'node_modules' || name === '.git') continue;
    // A folder that is kept out may hold what is let in again, so each file is asked for by itself.
    cpSync(join(project, name), join(context, name), {
      recursive: true,
      filter: (source) => statSync(source).isDirectory() || !isIgnored(relative(project, source)),
    });
  }
  closeToOthers(context);
}

/** @returns whether anything is left: folders without a file are no part of the context */
function closeToOthers(path: string): boolean {
  if (!lstatSync(path).isDirectory()) {
    chmodSync(path, 0o600);
    return true;
  }
  chmodSync(path, 0o700);
  const kept = readdirSync(path).map((name) => closeToOthers(join(path, name)));
  if (!kept.includes(true)) rmSync(path, { recursive: true });
  return kept.includes(true);
}

/** Of a folder, what is in it; modes are kept. */
function copyFiles(source: string, target: string): void {
  mkdirSync(dirname(target), { recursive: true });
  cpSync(source, target, { recursive: true, verbatimSymlinks: true });
}

async function run(image: Image, script: string, shims: string): Promise<void> {
  const log = join(dirname(image.root), 'owners');
  writeFileSync(log, '');
  // An absolute path is one in the image.
  const bound = script.replace(/(^|[\s='"(])\/(?=\w)/g, (_all, before) => `${before}${image.root}/`);
  await promisify(execFile)('/bin/sh', ['-c', `umask 022; ${bound}`], {
    cwd: inRoot(image, image.workingFolder),
    maxBuffer: 64 * 1024 * 1024,
    env: {
      ...processIn(image).env,
      PATH: [shims, dirname(process.execPath), '/usr/local/bin', '/usr/bin', '/bin'].join(delimiter),
      HOME: join(image.root, 'root'),
      OWNERS_LOG: log,
      // Nothing is asked of any registry.
      npm_config_audit: 'false',
      npm_config_update_notifier: 'false',
    },
  });
  image.owners.push(
    ...readFileSync(log, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => line.replace(`${image.root}/`, '/')),
  );
}

/** Programs that stand before those of this machine. */
function writeShims(folder: string, project: string): string {
  mkdirSync(folder);
  const npm = join(dirname(process.execPath), 'npm');
  const programs = {
    'apt-get': 'exit 0',
    chown: 'echo "$@" >> "$OWNERS_LOG"',
    npm: `[ "$*" = ci ] || exec '${npm}' "$@"
for file in package.json package-lock.json; do cmp "$file" '${project}'/"$file"; done
cp -al '${project}/node_modules' . || cp -a '${project}/node_modules' .`,
  };
  for (const [name, script] of Object.entries(programs)) {
    writeFileSync(join(folder, name), `#!/bin/sh\nset -e\n${script}\n`, { mode: 0o755 });
  }
  return folder;
}
