'use client';
import { useElementSize } from '@mantine/hooks';
import { type PlotOptions, plot } from '@observablehq/plot';
import { useEffect, useRef } from 'react';
import classes from './Figure.module.css';

/** The box of a tooltip; its text has the picture's own colour, which must be readable on it. */
export const tipLook = { fill: 'var(--surface)', stroke: 'var(--figure-text)', fontSize: 12 };

interface PlotCanvasProps {
  /** Makes the picture for a width in pixels. */
  draw(width: number): PlotOptions;
  /** Kept free while nothing is drawn yet, in pixels. */
  height: number;
}

/**
 * Draws with Observable Plot as wide as there is room. Colours are CSS variables, so that they follow the colour scheme.
 * The pages' policy forbids style elements without a nonce: what Plot's own says stands in Figure.module.css.
 */
export function PlotCanvas({ draw, height }: PlotCanvasProps) {
  const { ref, width } = useElementSize();
  const holder = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (width < 40 || !holder.current) return;
    const picture = plot({
      width,
      ...draw(width),
      style: {
        background: 'transparent',
        color: 'var(--figure-text)',
        fontSize: '12px',
        fontFamily: 'var(--mantine-font-family)',
        overflow: 'visible',
      },
    });
    picture.querySelector('style')?.remove();
    // Whoever does not see it gets the label and the table of the figure around it.
    picture.setAttribute('aria-hidden', 'true');
    holder.current.replaceChildren(picture);
    return () => picture.remove();
  }, [draw, width]);
  return (
    <div ref={ref} className={classes.plot} style={{ minHeight: height }}>
      <div ref={holder} />
    </div>
  );
}
