/** What roles allow, as the server has it: VIEWER reads, MEMBER also starts and changes runs, ADMIN also manages people. */

export const roles = ['VIEWER', 'MEMBER', 'ADMIN'] as const;
export type Role = (typeof roles)[number];

export const allows = (role: Role, needed: Role): boolean => roles.indexOf(role) >= roles.indexOf(needed);
