/** Postgres refuses to run as root. Under root its programs run as the account postgres, which is made if it is missing. */
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { StartError } from '../../errors.ts';

/** How to run a program of Postgres: arguments for spawn. */
export interface Account {
  uid?: number;
  gid?: number;
  command(program: string, arguments_: string[]): [string, string[]];
}

const plain = (program: string, arguments_: string[]): [string, string[]] => [program, arguments_];

/**
 * The account that can run `program` and enter `folder`.
 * Under root, folders on the way there may be closed to others (as /root is): then the programs keep
 * their account but get the capability to pass through.
 */
export function chooseAccount(program: string, folder: string): Account {
  if (process.getuid?.() !== 0) return { command: plain };
  const { uid, gid } = findAccount() ?? makeAccount();
  const candidates: Account[] = [
    { uid, gid, command: plain },
    {
      command: (file, arguments_) => [
        'setpriv',
        [
          `--reuid=${uid}`,
          `--regid=${gid}`,
          '--clear-groups',
          '--inh-caps=+dac_override',
          '--ambient-caps=+dac_override',
          file,
          ...arguments_,
        ],
      ],
    },
  ];
  const usable = candidates.find(
    (account) => reaches(account, program, ['--version']) && reaches(account, '/bin/sh', ['-c', 'cd "$0"', folder]),
  );
  if (usable) return usable;
  throw new StartError(
    `Postgres can't run as root, and the account with uid ${uid} can't reach ${folder} or ${program}. ` +
      'Start RiftLab as an ordinary user, or open the folders above these to others (chmod o+x).',
  );
}

/** The account that owns the files: the one the programs run as. */
export function ownerOf(): { uid: number; gid: number } | undefined {
  return process.getuid?.() === 0 ? (findAccount() ?? makeAccount()) : undefined;
}

function reaches(account: Account, program: string, arguments_: string[]): boolean {
  const [command, all] = account.command(program, arguments_);
  return spawnSync(command, all, { uid: account.uid, gid: account.gid, cwd: '/', stdio: 'ignore' }).status === 0;
}

function findAccount(name = 'postgres'): { uid: number; gid: number } | undefined {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((entry) => entry.startsWith(`${name}:`));
  const [, , uid, gid] = line?.split(':') ?? [];
  return uid && gid ? { uid: Number(uid), gid: Number(gid) } : undefined;
}

function makeAccount(): { uid: number; gid: number } {
  try {
    execFileSync('useradd', ['--system', '--user-group', '--no-create-home', '--shell', '/bin/false', 'postgres'], { stdio: 'ignore' });
  } catch {
    // A system without useradd, or with a read-only /etc, still has nobody.
  }
  const account = findAccount() ?? findAccount('nobody');
  if (!account)
    throw new StartError("Postgres can't run as root, and no account postgres could be made. Start RiftLab as an ordinary user.");
  return account;
}
