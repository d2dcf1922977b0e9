import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from 'react';
import { createFormat, type Format } from './format';
import type { Language, Words } from './words';

interface LanguageState {
  language: Language;
  format: Format;
  setLanguage(language: Language): void;
}

const languageKey = 'caretally:language';
const LanguageContext = createContext<LanguageState | undefined>(undefined);

/** Gives all below it a language: the one that was chosen, else the browser's, else English. */
export function LanguageProvider({ children }: { children: ReactNode }) {
  const [language, setLanguage] = useState(keptLanguage);
  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
  const state = useMemo(
    () => ({
      language,
      format: createFormat(localeOf(language)),
      setLanguage(chosen: Language) {
        localStorage.setItem(languageKey, chosen);
        setLanguage(chosen);
      },
    }),
    [language],
  );
  return <LanguageContext.Provider value={state}>{children}</LanguageContext.Provider>;
}

export function useLanguage(): LanguageState {
  const state = useContext(LanguageContext);
  if (!state) throw new Error('useLanguage needs a LanguageProvider above it');
  return state;
}

/** The texts in the reader's language. */
export function useWords<English>(words: Words<English>): Words<English>[Language] {
  return words[useLanguage().language];
}

/** How numbers, sums and times are written in the reader's language. */
export function useFormat(): Format {
  return useLanguage().format;
}

function keptLanguage(): Language {
  const kept = localStorage.getItem(languageKey);
  if (kept === 'en' || kept === 'sv') return kept;
  const known = navigator.languages.map((tag) => tag.slice(0, 2)).find((tag) => tag === 'en' || tag === 'sv');
  return known === 'sv' ? 'sv' : 'en';
}

/** The reader's own variety of the language, which decides how dates are written: `en-US` and `en-GB` differ. */
function localeOf(language: Language): string {
  const own = navigator.languages.find((tag) => tag.startsWith(`${language}-`));
  return own ?? { en: 'en-GB', sv: 'sv-SE' }[language];
}
