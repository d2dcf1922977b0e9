import { type DocumentNode, GraphQLError, parse } from 'graphql';
import { AppError } from '../../errors';
import { type Limits, settingOf } from '../../limits';
import { measureDocument } from './measureDocument';
import { requirePlainRoots } from './subscriptionRoots';

/** What was found of documents that are sent again and again; of those that are longer nothing is kept. */
const maxKeptDocuments = 1_000;
/** Of all texts together. What is kept of a text takes a hundred times as much at worst. */
const maxAllKeptCharacters = 250_000;
const maxKeptCharacters = 20_000;

/**
 * Reads documents and refuses the ones that would cost too much to check: GraphQL's own rules compare every field with
 * every other (13 s for 40,000 of them) and call themselves for whatever lies deeper. So this comes before them.
 */
export class Documents {
  private readonly kept = new Map<string, DocumentNode>();
  private keptCharacters = 0;

  constructor(private readonly limits: Limits) {}

  /**
   * @returns undefined for what is no GraphQL: the library says where
   * @throws AppError QUERY_TOO_LONG, QUERY_TOO_DEEP, TOO_MANY_ALIASES, TOO_MANY_FRAGMENTS; GRAPHQL_VALIDATION_FAILED
   *   for what the library fails to check
   */
  read(text: string): DocumentNode | undefined {
    const known = this.kept.get(text);
    if (known) return known;
    const document = this.parse(text);
    if (!document) return undefined;
    this.check(document);
    requirePlainRoots(document);
    if (text.length <= maxKeptCharacters) {
      if (this.kept.size >= maxKeptDocuments || this.keptCharacters + text.length > maxAllKeptCharacters) {
        this.kept.clear();
        this.keptCharacters = 0;
      }
      this.kept.set(text, document);
      this.keptCharacters += text.length;
    }
    return document;
  }

  private parse(text: string): DocumentNode | undefined {
    const maxTokens = this.limits.queryTokens;
    try {
      return parse(text, { noLocation: true, maxTokens });
    } catch (error) {
      if (error instanceof RangeError) throw this.tooDeep();
      if (error instanceof GraphQLError && /Document contains more that \d+ tokens/.test(error.message)) {
        throw new AppError(
          'QUERY_TOO_LONG',
          `The document must have at most ${maxTokens} tokens ${settingOf('queryTokens')}; send values as variables.`,
        );
      }
      return undefined;
    }
  }

  private check(document: DocumentNode): void {
    const { queryDepth, queryAliases, queryFragments } = this.limits;
    const { depth, aliases, fragments } = measureDocument(document);
    if (depth > queryDepth) throw this.tooDeep();
    if (aliases > queryAliases) {
      throw new AppError(
        'TOO_MANY_ALIASES',
        `The document must have at most ${queryAliases} aliases and repeated fields ${settingOf('queryAliases')}; it has ${aliases}.`,
      );
    }
    if (fragments > queryFragments) {
      throw new AppError(
        'TOO_MANY_FRAGMENTS',
        `The document must use fragments at most ${queryFragments} times ${settingOf('queryFragments')}; it does so ${fragments} times.`,
      );
    }
  }

  private tooDeep(): AppError {
    return new AppError(
      'QUERY_TOO_DEEP',
      `Fields and values must lie at most ${this.limits.queryDepth} deep inside each other ${settingOf('queryDepth')}.`,
    );
  }
}
