import type { Metadata } from 'next';
import { StudyPage } from '../../../../components/studies/StudyPage.tsx';

export const metadata: Metadata = { title: 'Study' };

export default async function Page({ params }: { params: Promise<{ id: string }> }) {
  const { id } = await params;
  return <StudyPage key={id} id={decodeURIComponent(id)} />;
}
