import type { Act, Audited } from '../audit/act';
import { AppError } from '../errors';
import type { Service } from '../service';
import { writeOne } from '../storage/core/database';
import {
  type CheckToken,
  clockToleranceMs,
  createTokenCheck,
  notValid,
  type ProviderTimes,
  providerTimes,
} from './checkToken';
import { issueToken } from './issueToken';
import type { Keys } from './keys';
import type { MadeToken, TokenWish } from './makeToken';
import type { Principal } from './principal';
import { RecentTokens } from './recentTokens';
import { RevokedTokens, type RevokeToken, revokeTokens } from './revokedTokens';
import { checkTokenId } from './tokenId';

export interface AccessOptions {
  /** How often the list of revoked tokens is read again. */
  readRevokedEveryMs?: number;
  providerTimes?: ProviderTimes;
}

/** Within so many seconds a token that another process has revoked is refused here, too. */
const readRevokedEveryMs = 2_000;
/** Some megabytes at most. */
const maxRecentTokens = 10_000;
/** Longer than any real one; the whole header may have 16 KiB. */
const maxTokenCharacters = 8_192;

/** Opens the door: reads which tokens are revoked, and goes on reading until it is closed. */
export async function openAccess(service: Service, keys: Keys, options: AccessOptions = {}): Promise<Access> {
  const { readRevokedEveryMs: everyMs = readRevokedEveryMs, providerTimes: times = providerTimes } = options;
  const revoked = await RevokedTokens.open(service.database, everyMs);
  return new Access(service, keys, revoked, createTokenCheck(keys, service.now, times), times.cacheMs);
}

/** Tells who is calling. */
export class Access {
  private readonly recent = new RecentTokens<Principal>(maxRecentTokens);

  constructor(
    private readonly service: Service,
    private readonly keys: Keys,
    private readonly revoked: RevokedTokens,
    private readonly checkToken: CheckToken,
    /** A token is checked again after so long, with keys that may have changed. */
    private readonly checkAgainMs: number,
  ) {}

  /**
   * Who the header Authorization says is calling. Whom it has met lately it knows without waiting.
   * @throws AppError UNAUTHENTICATED; UNAVAILABLE when the identity provider's keys cannot be had. Also by the promise
   */
  authenticate(authorization: string): Principal | Promise<Principal> {
    const token = readBearer(authorization);
    // The clock that tells the time may be set, and would keep one for longer than its key is good for.
    const recent = this.recent.get(token, performance.now());
    if (recent && this.isInTime(recent)) return this.unlessRevoked(recent);
    return this.checkToken(token).then((principal) => {
      this.recent.set(token, principal, performance.now() + this.checkAgainMs);
      return this.unlessRevoked(principal);
    });
  }

  /** Whether somebody who was let in is still to be: for what lasts longer than a request. */
  isValid(principal: Principal): boolean {
    return !this.revoked.has(principal.tokenId) && this.isInTime(principal);
  }

  /**
   * Makes a token with the key that is known here alone, and tells the audit log of it.
   * @throws AppError TOKENS_MADE_ELSEWHERE where an identity provider signs the tokens
   */
  async issueToken(wish: TokenWish, act: Act): Promise<MadeToken> {
    const { keys } = this;
    if (keys.kind === 'provider') throw madeElsewhere();
    return issueToken(this.service, keys.bytes, wish, act);
  }

  /** @throws AppError TOKENS_MADE_ELSEWHERE where an identity provider signs the tokens */
  requireOwnTokens(): void {
    if (this.keys.kind === 'provider') throw madeElsewhere();
  }

  /**
   * Revokes a token by its id: it is refused from now on, and by other instances within seconds.
   * @throws AppError BAD_USER_INPUT, OVERLOADED, UNAVAILABLE
   */
  async revoke(wish: Audited<Omit<RevokeToken, 'revokedAtMs'>>): Promise<RevokeToken> {
    const { database, now } = this.service;
    const revoked = await writeOne(database, revokeTokens, {
      ...wish,
      tokenId: checkTokenId(wish.tokenId, 'id'),
      revokedAtMs: now(),
    });
    this.revoked.add(revoked.tokenId);
    return revoked;
  }

  close(): void {
    this.revoked.close();
  }

  private isInTime({ expiresAtMs }: Principal): boolean {
    return this.service.now() < expiresAtMs + clockToleranceMs;
  }

  private unlessRevoked(principal: Principal): Principal {
    if (!this.revoked.has(principal.tokenId)) return principal;
    throw new AppError('UNAUTHENTICATED', 'The token has been revoked. Sign in again.');
  }
}

function madeElsewhere(): AppError {
  return new AppError(
    'TOKENS_MADE_ELSEWHERE',
    'The tokens of this service are made by its identity provider. Make it there.',
  );
}

function readBearer(authorization: string): string {
  const token = /^Bearer +([\w.~+/-]+=*) *$/i.exec(authorization)?.[1];
  if (token !== undefined && token.length <= maxTokenCharacters) return token;
  throw token === undefined
    ? new AppError('UNAUTHENTICATED', 'The header Authorization must read "Bearer TOKEN".')
    : notValid();
}
