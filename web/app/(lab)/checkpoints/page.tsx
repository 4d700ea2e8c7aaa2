import type { Metadata } from 'next';
import { CheckpointsPage } from '../../../components/checkpoints/CheckpointsPage.tsx';

export const metadata: Metadata = { title: 'Checkpoints' };

export default function Page() {
  return <CheckpointsPage />;
}
