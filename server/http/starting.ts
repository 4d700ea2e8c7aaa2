/** What is answered while the server starts: that it does. A page that was open tries again by itself, a new one too. */
import type { RequestHandler } from 'express';
import { sendPlainPage } from './plain-page.ts';

const seconds = 2;
const message = 'RiftLab is starting. Try again in a moment.';

export const answerStarting: RequestHandler = (request, response) => {
  if (request.path.endsWith('/healthz')) return void response.json({ status: 'ok' });
  response.status(503).set({ 'Retry-After': String(seconds), 'Cache-Control': 'no-store' });
  if (request.path.endsWith('/readyz')) response.json({ status: 'starting' });
  else if (request.method === 'GET' && request.accepts(['json', 'html']) === 'html') {
    response.set('Refresh', String(seconds));
    sendPlainPage(response, 503, { title: 'RiftLab is starting', text: ['This page opens by itself in a moment.'] });
  } else response.json({ errors: [{ message, extensions: { code: 'UNAVAILABLE' } }] });
};
