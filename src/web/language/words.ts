export type Language = 'en' | 'sv';

/** A text, or what makes one of some values. */
type Text = string | ((...values: never[]) => string);

/** Texts under the same names: one that is missing, or too many, fails the type check. */
type SameAs<English> = {
  readonly [Name in keyof English]: English[Name] extends (...values: infer Values) => string
    ? (...values: Values) => string
    : string;
};

export interface Words<English> {
  readonly en: English;
  readonly sv: SameAs<English>;
}

/** The texts of one page or part, in English and in Swedish. Shown by `useWords`. */
export function inBoth<English extends Record<string, Text>>(
  english: English,
  swedish: SameAs<English>,
): Words<English> {
  return { en: english, sv: swedish };
}

/** The forms that a word takes beside a number: all that English and Swedish have. */
interface Forms {
  one: string;
  other: string;
}

const rules = { en: new Intl.PluralRules('en'), sv: new Intl.PluralRules('sv') };

/** The form of a word that a count takes: `1 event`, `2 events`. */
export function plural(language: Language, count: number, forms: Forms): string {
  return rules[language].select(count) === 'one' ? forms.one : forms.other;
}
