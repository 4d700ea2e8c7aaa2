'use client';
import { useSearchParams } from 'next/navigation';
import { PageHeader } from '../shell/PageHeader.tsx';
import { StudyForm } from './StudyForm.tsx';

export function NewStudyPage() {
  const preset = useSearchParams().get('preset');
  return (
    <>
      <PageHeader
        title="New study"
        description="One run for every combination of settings and seeds. Runs that train the same network share the training."
      />
      <StudyForm preset={preset} />
    </>
  );
}
