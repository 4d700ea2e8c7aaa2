import type { Metadata } from 'next';
import { ImportPage } from '../../../../components/import/ImportPage.tsx';

export const metadata: Metadata = { title: 'Import a checkpoint' };

export default function Page() {
  return <ImportPage />;
}
