import type { Metadata } from 'next';
import { CheckpointPage } from '../../../../components/checkpoints/CheckpointPage.tsx';

export const metadata: Metadata = { title: 'Checkpoint' };

export default async function Page({ params }: { params: Promise<{ id: string }> }) {
  const { id } = await params;
  return <CheckpointPage id={decodeURIComponent(id)} />;
}
