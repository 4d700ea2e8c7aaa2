/**
 * Gives the browser a valid language where it has none: Chromium under the POSIX locale says "en-US@posix", which Intl refuses,
 * and uPlot asks Intl for that language while it is loaded. Imported before uPlot.
 */
if (typeof navigator !== 'undefined') {
  try {
    Intl.getCanonicalLocales(navigator.language);
  } catch {
    Object.defineProperty(navigator, 'language', { value: 'en-US', configurable: true });
  }
}
