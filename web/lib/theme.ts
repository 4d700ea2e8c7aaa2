/** RiftLab's look: cool neutrals, one indigo, and colours of figures that stay apart for colour-blind readers on both grounds. */
import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from '@mantine/core';

const rift: MantineColorsTuple = [
  '#eef1fc',
  '#dde2f7',
  '#b9c3ef',
  '#93a2e6',
  '#7386df',
  '#5f75da',
  '#4a5fc9',
  '#455abf',
  '#3c4fa9',
  '#2f3f8c',
];

const gray: MantineColorsTuple = [
  '#f7f8fa',
  '#f0f2f5',
  '#e4e7ec',
  '#d3d8e0',
  '#b6bdc9',
  '#8f98a8',
  '#626c7d',
  '#4a5361',
  '#333a46',
  '#1d222b',
];

const dark: MantineColorsTuple = [
  '#dfe3ea',
  '#bcc3ce',
  '#98a1b0',
  '#5f697a',
  '#39414e',
  '#2b313c',
  '#20252e',
  '#181c23',
  '#11141a',
  '#0b0d11',
];

export const theme = createTheme({
  primaryColor: 'rift',
  primaryShade: { light: 6, dark: 7 },
  colors: { rift, gray, dark },
  black: '#1b202a',
  fontFamily: "'Inter Variable', system-ui, sans-serif",
  fontFamilyMonospace: "'JetBrains Mono Variable', ui-monospace, monospace",
  headings: {
    fontFamily: "'Inter Variable', system-ui, sans-serif",
    fontWeight: '640',
    sizes: {
      h1: { fontSize: '1.5rem', lineHeight: '1.25' },
      h2: { fontSize: '1.0625rem', lineHeight: '1.35' },
      h3: { fontSize: '0.9375rem', lineHeight: '1.4' },
    },
  },
  fontSizes: { xs: '0.78rem', sm: '0.875rem', md: '0.9375rem' },
  defaultRadius: 'md',
  radius: { sm: '4px', md: '7px', lg: '10px' },
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    Tooltip: {
      defaultProps: { openDelay: 250, withArrow: true, multiline: true, maw: 320, events: { hover: true, focus: true, touch: true } },
    },
    TableScrollContainer: { defaultProps: { scrollAreaProps: { viewportProps: { tabIndex: 0 } } } },
    Table: { defaultProps: { verticalSpacing: 8, horizontalSpacing: 'sm', fz: 'sm' } },
    Paper: { defaultProps: { withBorder: true, radius: 'lg' } },
    Notification: { defaultProps: { closeButtonProps: { 'aria-label': 'Close' } } },
    Button: { defaultProps: { size: 'sm' } },
    Select: { defaultProps: { allowDeselect: false } },
    InputWrapper: { defaultProps: { inputWrapperOrder: ['label', 'input', 'error', 'description'] } },
  },
});

/** Variables of global.css and of every figure. */
export const variables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--page': '#f7f8fa',
    '--surface': '#ffffff',
    '--line': '#e4e7ec',
    '--quiet': '#5d6778',
    '--mantine-color-dimmed': '#5d6778',
    '--mantine-color-error': '#c22525',
    '--mantine-color-placeholder': '#6b7485',
    '--mantine-color-red-light-color': '#b02020',
    '--mantine-color-orange-light-color': '#a8380b',
    '--mantine-color-yellow-light-color': '#7d4f00',
    '--mantine-color-teal-light-color': '#066b4c',
    '--figure-standard': '#1b6ec2',
    '--figure-robust': '#c2530a',
    '--figure-base': '#7b8494',
    '--figure-chosen': '#0b7a5e',
    '--figure-ood': '#7a4fb5',
    '--figure-grid': '#e9ecf1',
    '--figure-text': '#5d6778',
    '--figure-ink': '#1b202a',
    '--figure-wrong': '#c22525',
  },
  dark: {
    '--page': '#11141a',
    '--surface': '#181c23',
    '--line': '#2b313c',
    '--quiet': '#a0a9b8',
    '--mantine-color-body': '#181c23',
    '--mantine-color-anchor': '#9dabec',
    '--mantine-color-dimmed': '#a0a9b8',
    '--mantine-color-error': '#ff8f8f',
    '--mantine-color-placeholder': '#8b95a5',
    '--figure-standard': '#6cb0f5',
    '--figure-robust': '#f79a5b',
    '--figure-base': '#8f99a9',
    '--figure-chosen': '#4ec9a3',
    '--figure-ood': '#bd9cf0',
    '--figure-grid': '#272d37',
    '--figure-text': '#a0a9b8',
    '--figure-ink': '#dfe3ea',
    '--figure-wrong': '#ff8f8f',
  },
});
