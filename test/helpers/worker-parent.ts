/** Run as a program: starts workers as the server does, and stays. Killed, it tells nobody. */
import { startLocalWorkers } from '../../server/start/workers.ts';

const [databaseUrl = '', data = ''] = process.argv.slice(2);
const environment = { DATABASE_URL: databaseUrl, RIFTLAB_DATA: data, RIFTLAB_DEVICE: 'cpu' };
startLocalWorkers({ count: 1, environment, say: () => {} });
console.log('started');
setInterval(() => {}, 1000);
