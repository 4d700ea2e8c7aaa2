import type { ReactNode } from 'react';
import { Shell } from '../../components/shell/Shell.tsx';

export default function LabLayout({ children }: { children: ReactNode }) {
  return <Shell>{children}</Shell>;
}
