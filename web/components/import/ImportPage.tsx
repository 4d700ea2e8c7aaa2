'use client';
import { Alert, Stack } from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import { forgetUpload, UploadError, uploadFile } from '../../lib/upload.ts';
import type { Imported } from '../../queries/import.ts';
import { BackLink } from '../shell/BackLink.tsx';
import { PageHeader } from '../shell/PageHeader.tsx';
import { Done } from './Done.tsx';
import { DropZone } from './DropZone.tsx';
import { Review } from './Review.tsx';
import { Sending } from './Sending.tsx';

type Stage =
  | { type: 'choose'; problem: string | null }
  | { type: 'sending'; file: File; received: number }
  | { type: 'review'; upload: string; fileName: string }
  | { type: 'done'; checkpoint: Imported };

const fresh: Stage = { type: 'choose', problem: null };

/** From a file of another program to a checkpoint: send, look, correct, import. */
export function ImportPage() {
  useDocumentTitle('Import a checkpoint · RiftLab');
  const [stage, setStage] = useState<Stage>(fresh);
  const sending = useRef<AbortController | null>(null);
  useEffect(() => () => sending.current?.abort(), []);

  const send = async (file: File) => {
    const aborting = new AbortController();
    sending.current = aborting;
    setStage({ type: 'sending', file, received: 0 });
    try {
      const onProgress = (received: number) => !aborting.signal.aborted && setStage({ type: 'sending', file, received });
      const upload = await uploadFile(file, { onProgress, signal: aborting.signal });
      setStage({ type: 'review', upload, fileName: file.name });
    } catch (error) {
      if (aborting.signal.aborted) return setStage(fresh);
      const reason = error instanceof UploadError ? error.message : 'The connection broke off and did not come back.';
      setStage({ type: 'choose', problem: reason });
    }
  };
  const other = (isGone: boolean) => {
    if (stage.type === 'review' && !isGone) void forgetUpload(stage.upload);
    setStage(fresh);
  };
  return (
    <Stack gap="lg">
      <BackLink href="/checkpoints">Checkpoints</BackLink>
      <PageHeader
        mb={0}
        title="Import a checkpoint"
        description="Weights that were trained elsewhere: their network is recognised by the names and shapes in the file."
      />
      {stage.type === 'choose' && (
        <>
          {stage.problem && (
            <Alert color="red" icon={<IconAlertTriangle size={18} />} title="The file was not sent" role="alert">
              {stage.problem}
            </Alert>
          )}
          <DropZone onFile={(file) => void send(file)} />
        </>
      )}
      {stage.type === 'sending' && <Sending file={stage.file} received={stage.received} onCancel={() => sending.current?.abort()} />}
      {stage.type === 'review' && (
        <Review
          key={stage.upload}
          upload={stage.upload}
          fileName={stage.fileName}
          onImported={(checkpoint) => setStage({ type: 'done', checkpoint })}
          onOther={other}
        />
      )}
      {stage.type === 'done' && <Done checkpoint={stage.checkpoint} onOther={() => setStage(fresh)} />}
    </Stack>
  );
}
