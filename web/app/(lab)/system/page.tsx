import type { Metadata } from 'next';
import { SystemPage } from '../../../components/system/SystemPage.tsx';

export const metadata: Metadata = { title: 'Devices and data' };

export default function Page() {
  return <SystemPage />;
}
