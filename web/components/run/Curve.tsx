'use client';
import { Anchor, Group, NumberInput, Slider, Text } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { useMemo, useState } from 'react';
import { AlphaCurve } from '../../charts/AlphaCurve.tsx';
import { numberOf } from '../../lib/form/numbers.ts';
import { count, points as inPoints, percent } from '../../lib/format.ts';
import { choiceOf, reference, selectPoint } from '../../lib/sweep.ts';
import { splitWord } from '../../lib/words.ts';
import type { RunPageRun, Sweep, SweepPoint } from '../../queries/run.ts';
import { useAddress } from '../display/address.ts';
import { Fact } from '../display/Fact.tsx';
import { Section } from '../display/Section.tsx';
import { Suspect } from '../display/Suspect.tsx';
import classes from './Run.module.css';
import { type Reading, Waiting } from './Waiting.tsx';

interface CurveProps {
  run: RunPageRun;
  points: SweepPoint[];
  sweep: Sweep | null;
  read: Reading;
}

const tunedWords = (merged: readonly unknown[]) => (merged.length === 0 ? 'fine-tuned' : `${merged.length + 1} fine-tuned, merged,`);

/** The α curve and the point that a tolerance chooses on it. */
export function Curve({ run, points, sweep, read }: CurveProps) {
  const { configured, whole } = choiceOf(run.config);
  const { read: readAddress, write } = useAddress();
  const chosen = numberOf(readAddress('tolerance') ?? '') ?? Number.NaN;
  const [tolerance, setTolerance] = useState(whole && chosen >= 0 && chosen <= 1 ? chosen : configured);
  // Browsers refuse an address that changes with every step of a slider.
  const keep = useDebouncedCallback(
    (next: number) =>
      write({ values: { tolerance: Math.abs(next - configured) < 1e-9 ? null : String(Number(next.toFixed(6))) }, replace: true }),
    300,
  );
  const choose = (next: number) => {
    setTolerance(next);
    keep(next);
  };
  const selected = useMemo(() => selectPoint(points, tolerance), [points, tolerance]);
  const start = points.find(({ alpha }) => alpha === 0);
  const split = points[0]?.split;
  const modules = sweep?.modules ?? [];
  return (
    <Section
      title="Way back to robustness"
      description={
        points.length === 0
          ? undefined
          : `Accuracy of (1 − α) · base + α · ${tunedWords(sweep?.merged ?? [])} on ${count(points[0]?.images ?? 0)} ${splitWord(split)} images${modules.length === 1 ? `; ${modules[0]} differs` : ''}.`
      }
    >
      {points.length === 0 ? (
        <Waiting read={read} what="The first point" />
      ) : (
        <>
          {whole ? (
            <ToleranceInput tolerance={tolerance} onChange={choose} configured={configured} />
          ) : (
            <Text size="sm" c="dimmed" mb="md">
              Robust accuracy was measured only until the point for a tolerated loss of {Number((configured * 100).toFixed(2))} points was
              known; for another tolerance, start a run that measures every point.
            </Text>
          )}
          <dl className={classes.choice} aria-live="polite">
            <Fact label="Selected α">{selected?.alpha ?? '–'}</Fact>
            <Fact label="Standard accuracy">
              {percent(selected?.standard)} ({difference(selected?.standard, start?.standard)} points)
            </Fact>
            {selected?.ood != null && (
              <Fact label="Accuracy out of distribution">
                {percent(selected.ood)} ({difference(selected.ood, start?.ood)} points)
              </Fact>
            )}
            <Fact label="Robust accuracy">
              {percent(selected?.robust)} ({difference(selected?.robust, reference(points))} points)
            </Fact>
          </dl>
          {points.map(({ alpha, trust, findings }) => (
            <Suspect key={alpha} trust={trust} findings={[`Robust accuracy at α = ${alpha}: ${findings.join(' ')}`]} />
          ))}
          <AlphaCurve points={points} selected={selected} tolerance={tolerance} />
        </>
      )}
    </Section>
  );
}

const difference = (value: number | null | undefined, base: number | null | undefined) =>
  inPoints(value == null || base == null ? null : value - base);

interface ToleranceInputProps {
  tolerance: number;
  onChange(tolerance: number): void;
  configured: number;
}

const most = 0.05;

/** Robust accuracy that may be given up, in percentage points. */
function ToleranceInput({ tolerance, onChange, configured }: ToleranceInputProps) {
  const changed = Math.abs(tolerance - configured) > 1e-9;
  return (
    <Group gap="md" mb="md" align="center">
      <Text size="sm" id="tolerance-label">
        Tolerated loss of robust accuracy
      </Text>
      <Slider
        style={{ flex: '1 1 160px', maxWidth: 320 }}
        min={0}
        max={Math.max(most, configured)}
        step={0.0005}
        value={tolerance}
        onChange={onChange}
        label={(value) => `${Number((value * 100).toFixed(2))} points`}
        thumbLabel="Tolerated loss of robust accuracy"
        size="sm"
      />
      <NumberInput
        aria-label="Tolerated loss in percentage points"
        size="xs"
        w={112}
        min={0}
        max={100}
        step={0.1}
        decimalScale={2}
        suffix={Math.abs(tolerance - 0.01) < 1e-9 ? ' point' : ' points'}
        value={Number((tolerance * 100).toFixed(2))}
        onChange={(value) => typeof value === 'number' && onChange(value / 100)}
      />
      {changed && (
        <Anchor component="button" type="button" size="sm" onClick={() => onChange(configured)}>
          The run's own ({Number((configured * 100).toFixed(2))} points)
        </Anchor>
      )}
    </Group>
  );
}
