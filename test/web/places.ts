/** Every page of the dashboard, for the tests that look at all of them; test/places.test.ts knows when one is missing. */

export interface Shown {
  /** Ids of what the pages of one run and one checkpoint show. */
  runs: readonly string[];
  checkpoint: string;
}

/** What a signed-in person can open. */
export const placesOf = ({ runs, checkpoint }: Shown): string[] => [
  '/',
  '/runs',
  '/runs?deleted=yes',
  ...runs.map((run) => `/runs/${run}`),
  '/new',
  '/new?preset=quick',
  '/studies',
  '/studies/new',
  '/studies/Study-1',
  '/checkpoints',
  '/checkpoints/import',
  `/checkpoints/${checkpoint}`,
  '/leaderboard',
  '/system',
  '/account',
  '/people',
];

/** What is shown to somebody without a session too. */
export const openPlaces = ['/sign-in', '/sign-in?expired', '/sign-in?next=%2Fcheckpoints'];

/** What is no page of the dashboard's build, or none at all. */
export const otherPlaces = ['/graphql', '/nowhere', '/runs/Run-999999', '/checkpoints/Checkpoint-999999'];

/** The first place of every page: for what each shows of another record or filter, all of them are looked at. */
export function oneOfEachPage(places: readonly string[]): string[] {
  const pageOf = (place: string) => place.replace(/\?.*/, '').replace(/\w+-\d+$/, '');
  return places.filter((place, index) => places.findIndex((other) => pageOf(other) === pageOf(place)) === index);
}
