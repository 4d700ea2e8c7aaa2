'use client';
import { NavLink } from '@mantine/core';
import { IconCpu, IconFlask, IconPlus, IconStack2, IconTable, IconTrophy, IconUser, IconUsers } from '@tabler/icons-react';
import Link from 'next/link';
import { usePathname } from 'next/navigation';

const places = [
  { href: '/', label: 'Runs', icon: IconFlask },
  { href: '/new', label: 'New run', icon: IconPlus },
  { href: '/studies', label: 'Studies', icon: IconTable },
  { href: '/checkpoints', label: 'Checkpoints', icon: IconStack2 },
  { href: '/leaderboard', label: 'Leaderboard', icon: IconTrophy },
  { href: '/system', label: 'Devices and data', icon: IconCpu },
  { href: '/people', label: 'People', icon: IconUsers },
  { href: '/account', label: 'Account', icon: IconUser },
];

export function Navigation({ onNavigate }: { onNavigate(): void }) {
  const path = usePathname();
  return places.map(({ href, label, icon: Icon }) => {
    const active = href === '/' ? path === '/' || path.startsWith('/runs') : path.startsWith(href);
    return (
      <NavLink
        key={href}
        component={Link}
        href={href}
        prefetch
        onClick={onNavigate}
        label={label}
        active={active}
        aria-current={active ? 'page' : undefined}
        leftSection={<Icon size={18} stroke={1.7} aria-hidden />}
        style={{ borderRadius: 7 }}
        mb={2}
        fw={active ? 600 : 450}
      />
    );
  });
}
