import type { Metadata } from 'next';
import { NewStudyPage } from '../../../../components/studies/NewStudyPage.tsx';

export const metadata: Metadata = { title: 'New study' };

export default function Page() {
  return <NewStudyPage />;
}
