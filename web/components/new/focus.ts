/** Ids of a form's controls, and the way to them. */

export const fieldId = (path: string): string => `field-${path}`;

/** Moves to a control, also one in a part that is only now being unfolded. */
export function focusField(path: string, tries = 40): void {
  const control = document.getElementById(fieldId(path));
  if (control?.checkVisibility()) {
    control.scrollIntoView({ block: 'center' });
    const inner = control.matches('input, textarea, button') ? control : control.querySelector<HTMLElement>('input, textarea, button');
    (inner ?? control).focus({ preventScroll: true });
  } else if (tries > 0) requestAnimationFrame(() => focusField(path, tries - 1));
}
