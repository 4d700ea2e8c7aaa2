/** A VIEWER presses whatever can be pressed, on every page. */
import { describe, expect, it } from 'vitest';
import { placesOf } from './places.ts';
import { openViewerLab, visit } from './viewer-lab.ts';

const lab = openViewerLab();

const controls = 'main button, main select, main [role=switch]';

/** The first control of the viewer's page that can be used and is called none of these. */
const unpressed = (pressed: string[]) =>
  lab.viewer.evaluate(
    ({ controls, pressed }) => {
      const all = [...document.querySelectorAll<HTMLElement>(controls)];
      const labels = all.map((control) => control.getAttribute('aria-label') ?? control.innerText);
      const isUsable = (control: HTMLElement) =>
        !control.matches(':disabled, [aria-disabled=true]') && control.checkVisibility({ visibilityProperty: true });
      const index = all.findIndex((control, at) => !pressed.includes(labels[at] as string) && isUsable(control));
      return index < 0 ? undefined : { index, label: labels[index] as string };
    },
    { controls, pressed },
  );

describe('a VIEWER', () => {
  it('is refused by none of the controls of any page that are not marked', async () => {
    const pressed: string[] = [];
    for (const place of placesOf({ runs: [lab.runs.cancelled ?? ''], checkpoint: lab.checkpoint })) {
      await visit(lab, lab.viewer, place);
      const address = lab.viewer.url();
      const isElsewhere = () => new URL(lab.viewer.url()).pathname !== new URL(address).pathname;
      for (;;) {
        const next = await unpressed(pressed);
        if (next) {
          pressed.push(next.label);
          await lab.viewer
            .locator(controls)
            .nth(next.index)
            .press('Enter')
            .catch(() => {});
          await lab.viewer.keyboard.press('Escape');
        } else if (lab.viewer.url() === address) break;
        // A control may have led away, or to other parts of the page; those that were there at first are seen again in the end.
        if (!next || isElsewhere()) await visit(lab, lab.viewer, place);
      }
      expect(lab.refused, place).toEqual([]);
    }
    expect(pressed.length).toBeGreaterThan(20);
  });
});
