import { IconAlertTriangle } from '@tabler/icons-react';
import classes from './Suspect.module.css';

interface SuspectProps {
  trust: string;
  findings: readonly string[];
}

/** Marks a number that failed a sanity check, with what was found; nothing for others. */
export function Suspect({ trust, findings }: SuspectProps) {
  if (trust !== 'SUSPECT') return null;
  return (
    <span className={classes.suspect}>
      <IconAlertTriangle size={14} stroke={2} aria-hidden />
      <span>
        <b>Suspect.</b> {findings.join(' ')}
      </span>
    </span>
  );
}
