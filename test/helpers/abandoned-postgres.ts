/** Run as a program: starts the Postgres of the folder that it is given, says so, and stays. Killed, it leaves that Postgres behind. */
import { startPostgres } from '../../server/store/postgres/postgres.ts';

const { url } = await startPostgres(process.argv[2] ?? '');
console.log(url);
setInterval(() => {}, 1000);
