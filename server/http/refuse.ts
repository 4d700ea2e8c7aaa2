/** A refusal in the form of GraphQL's errors, which whoever talks to this server reads already. */
import type { Response } from 'express';

export function refuse(response: Response, status: number, code: string, message: string): void {
  response.status(status).json({ errors: [{ message, extensions: { code } }] });
}
