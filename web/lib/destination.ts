/** Where somebody goes after signing in: a path of this server, whatever the address said. server/http/destination.ts does the same. */

/** origin: of the address that the browser shows; basePath: as /riftlab, or empty. */
export function destinationOf(next: string | null, origin: string, basePath: string): string {
  const home = `${basePath}/`;
  if (next === null || !URL.canParse(next, origin + home)) return home;
  const place = new URL(next, origin + home);
  const isHere = place.origin === origin && place.username === '' && place.password === '';
  // A path that begins with two slashes would be another site's name.
  const isInside = `${place.pathname}/`.startsWith(home) && !place.pathname.startsWith('//');
  return isHere && isInside ? place.pathname + place.search + place.hash : home;
}
