import { SimpleGrid, Text, Title } from '@mantine/core';
import { backendWord, deviceKindWord } from '../../lib/words.ts';
import type { Device } from '../../queries/lab.ts';
import { CodeBlock } from '../display/CodeBlock.tsx';
import { Unbroken } from '../display/Unbroken.tsx';
import { DeviceCard } from './DeviceCard.tsx';
import classes from './System.module.css';

const workerCommand = 'DATABASE_URL=postgresql://… npm run worker -- --data SHARED_FOLDER';
const gpuCommands = 'npm run setup:cuda\nnpm run setup:tensorflow';

export function Devices({ devices }: { devices: readonly Device[] }) {
  return (
    <section aria-labelledby="devices">
      <Title order={2} id="devices" mb="sm">
        Devices
      </Title>
      {devices.length === 0 && (
        <Text c="dimmed" size="sm" mb="sm">
          No worker has announced itself, so runs stay queued.
        </Text>
      )}
      <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }}>
        {devices.map((device) => (
          <DeviceCard key={device.id} device={device} />
        ))}
      </SimpleGrid>
      <Text size="sm" c="dimmed" mt="md">
        Speed: images a second of a PGD step of ResNet18 on images of 32 × 32, measured when a worker first meets the device. It is a rough
        figure, lower if the machine was busy then.
      </Text>
      <AddGpu devices={devices} />
      <Text size="sm" c="dimmed" mt="md" mb={6}>
        Another machine joins with a worker on the same database and data folder:
      </Text>
      <CodeBlock code={workerCommand} what="worker command" />
    </section>
  );
}

/** How to compute on a GPU, with what each machine that has a worker lacks for it. */
function AddGpu({ devices }: { devices: readonly Device[] }) {
  const lacking = devices.filter(({ state, missing }) => state !== 'offline' && missing.length > 0);
  return (
    <>
      <Text size="sm" c="dimmed" mt="md" mb={6}>
        An NVIDIA GPU is found when RiftLab starts, once one of these has fetched what ONNX Runtime or TensorFlow needs for it:
      </Text>
      <CodeBlock code={gpuCommands} what="GPU commands" />
      {lacking.map(({ id, worker, missing }) => (
        <details key={id} className={classes.missing}>
          <summary>What {worker} looked for and did not find</summary>
          <ul>
            {missing.map(({ backend, kind, reason, hint }) => (
              <li key={`${backend} ${kind}`}>
                {backendWord(backend)} on {deviceKindWord(kind)}: <Unbroken text={[reason, hint].filter(Boolean).join(' ')} />
              </li>
            ))}
          </ul>
        </details>
      ))}
    </>
  );
}
