/** What every control of a form is given. */
export interface ControlProps {
  path: string;
  label: string;
  description: string | undefined;
  required: boolean;
  /** What holds when nothing is given. */
  placeholder: string | undefined;
}
