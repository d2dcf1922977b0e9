import { Button, type CSSVariablesResolver, createTheme } from '@mantine/core';

/** Mantine's own colours, in shades dark enough to be read: text has at least 4.5 times the contrast of its ground. */
export const theme = createTheme({
  primaryColor: 'teal',
  primaryShade: { light: 9, dark: 9 },
  fontFamily: 'system-ui, sans-serif',
  fontFamilyMonospace: 'ui-monospace, monospace',
  headings: { fontFamily: 'system-ui, sans-serif' },
  defaultRadius: 'md',
  cursorType: 'pointer',
  components: {
    // Mantine cuts off what is longer than its button.
    Button: Button.extend({
      classNames: { root: 'button', inner: 'button-inner', label: 'button-label' },
    }),
  },
});

export const colors: CSSVariablesResolver = ({ colors }) => ({
  variables: {},
  light: {
    '--mantine-color-dimmed': colors.gray[7],
    '--mantine-color-placeholder': colors.gray[7],
    '--mantine-color-error': colors.red[9],
    '--mantine-color-anchor': colors.teal[9],
  },
  dark: {
    '--mantine-color-dimmed': colors.dark[1],
    '--mantine-color-placeholder': colors.dark[1],
    '--mantine-color-error': colors.red[4],
    '--mantine-color-anchor': colors.teal[3],
  },
});
