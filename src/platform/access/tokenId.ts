import { createHash } from 'node:crypto';
import { checkText } from '../values/checks';

/**
 * The id by which a token is revoked, as it is kept and compared. What a claim says and what somebody types or pastes go
 * the same way, so that blanks and the two ways to write an é make no other id of it.
 * @throws AppError BAD_USER_INPUT naming the field
 */
export function checkTokenId(text: string, field: string): string {
  return checkText(text, field);
}

/**
 * The id of a token whose claims have none. Made of what is signed alone: a signature can be written in several ways, and
 * the token stays the same.
 */
export function idOfContent(token: string): string {
  const signed = token.slice(0, token.lastIndexOf('.'));
  return `sha256:${createHash('sha256').update(signed).digest('base64url')}`;
}
