/** What keeps cells of a study from being runs, told once each with the place of the study that set it. */
import { BadInputError, type InputProblem, type RequestError } from '../../errors.ts';
import type { Path } from '../input.ts';
import type { Settings } from './presets.ts';
import { textOf } from './settings.ts';

export interface RefusedCell {
  /** Field paths and their values. */
  cell: Settings;
  error: RequestError;
}

const problemsOf = (error: RequestError): readonly InputProblem[] =>
  error instanceof BadInputError ? error.problems : [{ message: error.message, path: error.argumentPath }];

/** Everything that is wrong with the input of a study. Where something else is, that alone, with the error's own kind. all: the cells of its grid. */
export function refusalOf(refused: readonly RefusedCell[], all: readonly Settings[]): RequestError {
  const other = refused.find(({ error }) => !(error instanceof BadInputError))?.error;
  const told = other ? refused.filter(({ error }) => error.constructor === other.constructor && error.message === other.message) : refused;
  const cells = new Map<string, { problem: InputProblem; cells: Settings[] }>();
  for (const { cell, error } of told) {
    for (const problem of problemsOf(error)) {
      const key = JSON.stringify(problem);
      const known = cells.get(key) ?? { problem, cells: [] };
      cells.set(key, known);
      known.cells.push(cell);
    }
  }
  const problems = [...cells.values()].map(({ problem, cells: at }) => ({
    message: withPlace(problem.message, placeWords(at, all)),
    path: placeOf(problem.path, all[0] ?? {}),
  }));
  if (!other) return new BadInputError(problems);
  const Same = other.constructor as new (message: string, path: Path) => RequestError;
  return new Same(problems[0]?.message ?? other.message, problems[0]?.path ?? []);
}

function withPlace(message: string, place: string): string {
  if (place === '') return message;
  return `${message}${/[.!?]$/.test(message) ? '' : '.'} ${place}`;
}

const isAt = (cell: Settings, values: readonly (readonly [string, unknown])[]) =>
  values.every(([field, value]) => JSON.stringify(cell[field]) === JSON.stringify(value));

/** Which cells these are, by what they have in common that others have not; nothing where they are all. */
function placeWords(cells: readonly Settings[], all: readonly Settings[]): string {
  if (cells.length === all.length) return '';
  const [first = {}] = cells;
  const common = Object.entries(first).filter((one) => cells.every((cell) => isAt(cell, [one])) && !all.every((cell) => isAt(cell, [one])));
  const words = (values: readonly (readonly [string, unknown])[]) =>
    values.map(([field, value]) => `${field} is ${textOf(value)}`).join(' and ');
  if (all.filter((cell) => isAt(cell, common)).length === cells.length) return `That is where ${words(common)}.`;
  return `That is in ${cells.length} of ${all.length} cells, as where ${words(Object.entries(first))}.`;
}

/** From a path of startRift's input to one of the study's. */
function placeOf(path: Path, cell: Settings): Path {
  const fields = path.slice(1);
  const dotted = fields.join('.');
  const axis = Object.keys(cell).find((field) => dotted === field || dotted.startsWith(`${field}.`) || field.startsWith(`${dotted}.`));
  if (axis) return ['input', 'grid', axis];
  return fields[0] === 'project' ? ['input', 'project'] : ['input', 'base', ...fields];
}
