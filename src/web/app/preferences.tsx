import { type MantineColorScheme, Menu, useMantineColorScheme } from '@mantine/core';
import { useLanguage, useWords } from '../language/language';
import type { Language } from '../language/words';
import { appWords } from './words';

/** The choice between light, dark and what the system says, for a menu. */
export function AppearanceItems() {
  const words = useWords(appWords);
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <Menu.RadioGroup value={colorScheme} onChange={(scheme) => setColorScheme(scheme as MantineColorScheme)}>
      <Menu.Label>{words.appearance}</Menu.Label>
      {(['auto', 'light', 'dark'] as const).map((scheme) => (
        <Menu.RadioItem key={scheme} value={scheme}>
          {words[scheme]}
        </Menu.RadioItem>
      ))}
    </Menu.RadioGroup>
  );
}

/** The choice of the language, each named in itself. */
export function LanguageItems() {
  const words = useWords(appWords);
  const { language, setLanguage } = useLanguage();
  return (
    <Menu.RadioGroup value={language} onChange={(chosen) => setLanguage(chosen as Language)}>
      <Menu.Label>{words.language}</Menu.Label>
      <Menu.RadioItem value="en">
        <span lang="en">English</span>
      </Menu.RadioItem>
      <Menu.RadioItem value="sv">
        <span lang="sv">Svenska</span>
      </Menu.RadioItem>
    </Menu.RadioGroup>
  );
}
