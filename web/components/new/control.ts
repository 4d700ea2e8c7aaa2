/** What every control of a form is given. */
export interface ControlProps {
  /** Id of the control. */
  id: string;
  path: string;
  label: string;
  description: string | undefined;
  required: boolean;
  /** What holds when nothing is given. */
  placeholder: string | undefined;
}
