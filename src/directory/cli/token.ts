import { type Command, InvalidArgumentError, Option } from 'commander';
import { loadKeys } from '../../platform/access/keys';
import { homePages, signInLink } from '../../platform/access/link';
import { type Role, roles } from '../../platform/access/principal';
import { revokeTokens } from '../../platform/access/revokedTokens';
import { everybody } from '../../platform/access/scope';
import { checkTokenId } from '../../platform/access/tokenId';
import { maxLifetimeMs, usualName } from '../../platform/access/tokenWish';
import { actOfOperator } from '../../platform/audit/act';
import { printSummary, withService } from '../../platform/cli/command';
import { readConfig } from '../../platform/config';
import { OperatorError } from '../../platform/errors';
import type { Service } from '../../platform/service';
import { writeOne } from '../../platform/storage/core/database';
import type { Subsystem } from '../../platform/subsystem';
import { checkText } from '../../platform/values/checks';
import { formatDateTime } from '../../platform/values/dateTime';
import { findCaregiver, findUnit } from '../caregivers/listCaregivers';

interface Options {
  role?: Role;
  caregiver?: number;
  unit?: number;
  name?: string;
  /** Milliseconds. */
  expires: number;
  link?: string | true;
  revoke?: string;
  json?: boolean;
}

const unitsMs = { m: 60_000, h: 3_600_000, d: 86_400_000 };
const usualTime = '8h';

export function addToken(program: Command, subsystems: readonly Subsystem[]): void {
  program
    .command('token')
    .description('make a token that signs somebody in, and print it alone; or revoke one')
    .addOption(new Option('--role <role>', 'what it lets them do').choices(roles))
    .option('--caregiver <id>', 'who they are, with --role CAREGIVER', readId)
    .option('--unit <id>', 'whose caregivers they see to, with --role MANAGER', readId)
    .option('--name <name>', 'what to call them where they delete or pay something')
    .addOption(
      new Option('--expires <time>', 'how long it is valid, such as 30m, 8h or 90d')
        .argParser(readTime)
        .default(readTime(usualTime), usualTime),
    )
    .option(
      '--link [address]',
      'print a link that signs a browser in, to the page of the role, or to the page at this address of the service',
    )
    .option('--revoke <id>', 'let the token with this id be accepted no more')
    .option('--json', 'print the token with its id and its end, for programs')
    .action((options: Options) =>
      options.revoke === undefined ? print(subsystems, options) : revoke(subsystems, options.revoke, options),
    );
}

async function print(subsystems: readonly Subsystem[], options: Options): Promise<void> {
  const { role, caregiver, unit, expires, link, json } = options;
  if (role === undefined) {
    throw new OperatorError(`Say what the token is for: --role, one of ${roles.join(', ')}; or --revoke.`);
  }
  requireFitting(role, 'CAREGIVER', '--caregiver', caregiver);
  requireFitting(role, 'MANAGER', '--unit', unit);
  const config = readConfig();
  const keys = loadKeys(config.auth);
  if (keys.kind === 'provider') {
    throw new OperatorError('AUTH_JWKS_URL is set: the tokens are made by the identity provider.');
  }
  // Loaded here alone: no other command needs it.
  const {
    issueToken,
  }: typeof import('../../platform/access/issueToken') = require('../../platform/access/issueToken');
  const { token, id, expiresAtMs } = await withService(subsystems, async (service) => {
    const name = await nameOf(service, role, options);
    const wish = { role, name, caregiverId: caregiver, unitId: unit, lifetimeMs: expires };
    return issueToken(service, keys.bytes, wish, actOfOperator(service));
  });
  const address = link && linkFor(role, link === true ? addressOf(config) : link, token);
  const summary = { token, id, expiresAt: formatDateTime(expiresAtMs), ...(address && { link: address }) };
  printSummary(json, summary, address ?? token);
}

function requireFitting(role: Role, needs: Role, option: string, value: number | undefined): void {
  if ((role === needs) === (value !== undefined)) return;
  throw new OperatorError(
    value === undefined
      ? `--role ${role} needs ${option} with an id.`
      : `${option} goes with --role ${needs}.`,
  );
}

/** A name for the token: the one that was asked for, or what the database knows. Whoever it is for must be there. */
async function nameOf(service: Service, role: Role, { caregiver, unit, name }: Options): Promise<string> {
  const found = await service.database.read(async (snapshot) => {
    if (caregiver !== undefined) return findCaregiver(snapshot, caregiver, everybody);
    return unit === undefined ? { name: '' } : findUnit(snapshot, unit, everybody);
  });
  if (!found) {
    throw new OperatorError(
      caregiver === undefined ? `There is no unit ${unit}.` : `There is no caregiver ${caregiver}.`,
    );
  }
  return name === undefined ? usualName(role, found.name) : checkText(name, '--name');
}

async function revoke(subsystems: readonly Subsystem[], id: string, { json }: Options): Promise<void> {
  const tokenId = checkTokenId(id, '--revoke');
  await withService(subsystems, (service) =>
    writeOne(service.database, revokeTokens, {
      tokenId,
      revokedBy: 'operator',
      act: actOfOperator(service),
      revokedAtMs: service.now(),
      // When it ends nobody has said.
      expiresAtMs: null,
    }),
  );
  printSummary(
    json,
    { revoked: tokenId },
    `The token ${tokenId} is revoked. A service that runs refuses it within seconds.`,
  );
}

/** Where the service of this configuration is, seen from this machine. */
function addressOf({ host, port }: { host: string; port: number }): string {
  const isEverywhere = host === '0.0.0.0' || host === '::';
  const name = isEverywhere ? 'localhost' : host;
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`;
}

/** A link to a page of the service: the one that the address names, else the one on which the role works. */
function linkFor(role: Role, address: string, token: string): string {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url?.protocol !== 'https:' && url?.protocol !== 'http:') {
    throw new OperatorError('--link takes the address of the service, such as https://care.example.com.');
  }
  return signInLink(url.origin, url.pathname === '/' ? homePages[role] : url.pathname, token);
}

function readId(text: string): number {
  const id = /^[1-9]\d{0,15}$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(id)) return id;
  throw new InvalidArgumentError('It must be an id as the service gave it, such as 17.');
}

function readTime(text: string): number {
  const [, number, unit] = /^(\d{1,6})([mhd])$/.exec(text) ?? [];
  const ms = Number(number) * unitsMs[unit as keyof typeof unitsMs];
  if (ms > 0 && ms <= maxLifetimeMs) return ms;
  throw new InvalidArgumentError('It must be a time such as 30m, 8h or 90d, at most 366d.');
}
