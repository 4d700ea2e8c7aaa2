'use client';
import { SegmentedControl, Tooltip, useMantineColorScheme, VisuallyHidden } from '@mantine/core';
import { useMounted } from '@mantine/hooks';
import { IconDeviceDesktop, IconMoon, IconSun } from '@tabler/icons-react';

const schemes = [
  { value: 'light', label: 'Light', icon: IconSun },
  { value: 'auto', label: 'As the system', icon: IconDeviceDesktop },
  { value: 'dark', label: 'Dark', icon: IconMoon },
] as const;

export function SchemeSwitch() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const mounted = useMounted();
  return (
    <SegmentedControl
      fullWidth
      size="xs"
      aria-label="Colour scheme"
      value={mounted ? colorScheme : 'auto'}
      onChange={(value) => setColorScheme(value as (typeof schemes)[number]['value'])}
      data={schemes.map(({ value, label, icon: Icon }) => ({
        value,
        label: (
          <Tooltip label={label} position="top">
            <span style={{ display: 'grid', placeItems: 'center', height: 20 }}>
              <Icon size={15} stroke={1.8} aria-hidden />
              <VisuallyHidden>{label}</VisuallyHidden>
            </span>
          </Tooltip>
        ),
      }))}
    />
  );
}
