/** Runs inside a page and says what keeps people from using it; it may use nothing from outside of itself. */
export function pageProblems(): string[] {
  const problems: string[] = [];
  const shown = (element: Element) => (element as HTMLElement).checkVisibility({ visibilityProperty: true });
  const outline = (element: Element) => element.outerHTML.slice(0, 140);

  const headings = [...document.querySelectorAll('h1')].filter(shown);
  if (headings.length !== 1) problems.push(`${headings.length} first headings`);
  const sideways = document.documentElement.scrollWidth - window.innerWidth;
  if (sideways > 0) problems.push(`scrolls sideways by ${sideways} pixels`);
  const overflowing = (element: Element | null): boolean =>
    element !== null && (element.scrollWidth > element.clientWidth + 1 || overflowing(element.parentElement));
  if (window.innerWidth < 600)
    for (const table of document.querySelectorAll('table'))
      if (shown(table) && overflowing(table.parentElement)) problems.push(`scrolls sideways: ${outline(table)}`);
  if (!document.documentElement.lang) problems.push('no language');
  if (document.querySelectorAll('main').length !== 1) problems.push('not one main part');

  const texts = (ids: string | null) => (ids ?? '').split(' ').map((id) => document.getElementById(id)?.textContent ?? '');
  const nameOf = (element: Element) =>
    [
      element.getAttribute('aria-label'),
      ...texts(element.getAttribute('aria-labelledby')),
      ...[...((element as HTMLInputElement).labels ?? [])].map((label) => label.textContent),
      element instanceof HTMLInputElement ? null : element.textContent,
      element.getAttribute('title'),
    ]
      .join('')
      .trim();
  const controls =
    'button, a[href], input:not([type=hidden]), textarea, select, [role=slider], [role=img], [role=progressbar], [role=region]';
  for (const control of document.querySelectorAll(controls)) {
    if (shown(control) && !control.closest('[aria-hidden=true]') && !nameOf(control)) problems.push(`no name: ${outline(control)}`);
  }

  const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id);
  for (const id of new Set(ids.filter((one, index) => ids.indexOf(one) !== index))) problems.push(`the id ${id} twice`);

  const canvas = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
  const channels = (color: string): number[] => {
    if (!canvas) return [0, 0, 0, 0];
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const over = (top: number[], below: number[]) => {
    const share = (top[3] ?? 0) / 255;
    return [0, 1, 2].map((index) => (top[index] ?? 0) * share + (below[index] ?? 0) * (1 - share));
  };
  const ground = (element: Element): number[] => {
    const layers: number[][] = [];
    for (let one: Element | null = element; one; one = one.parentElement) layers.unshift(channels(getComputedStyle(one).backgroundColor));
    return layers.reduce((below, layer) => over(layer, below), [255, 255, 255]);
  };
  const luminance = (color: number[]) => {
    const [red = 0, green = 0, blue = 0] = color.map((value) =>
      value <= 10 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4,
    );
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const disabled = (element: Element) => element.closest(':disabled, [data-disabled], [aria-hidden=true]') !== null;
  for (const element of document.querySelectorAll('main *, nav *')) {
    const own = [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent?.trim());
    if (!own || !shown(element) || disabled(element) || element.closest('svg')) continue;
    const below = ground(element);
    const [light = 0, dark = 0] = [luminance(over(channels(getComputedStyle(element).color), below)), luminance(below)].sort(
      (a, b) => b - a,
    );
    const contrast = (light + 0.05) / (dark + 0.05);
    if (contrast < 4.4) problems.push(`contrast ${contrast.toFixed(2)}: ${outline(element)}`);
  }
  return problems;
}
