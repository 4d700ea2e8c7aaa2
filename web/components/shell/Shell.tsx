'use client';
import { AppShell, Burger, Group, ScrollArea, Text, UnstyledButton } from '@mantine/core';
import { useDisclosure, useHotkeys } from '@mantine/hooks';
import Link from 'next/link';
import { type ReactNode, useRef } from 'react';
import { ConnectionNotice } from './ConnectionNotice.tsx';
import { LabProvider } from './LabProvider.tsx';
import { Logo } from './Logo.tsx';
import { Navigation } from './Navigation.tsx';
import { PageSkeleton } from './PageSkeleton.tsx';
import { SchemeSwitch } from './SchemeSwitch.tsx';
import classes from './Shell.module.css';
import { ViewerCard } from './ViewerCard.tsx';

/** Navigation around every page but the sign-in page. */
export function Shell({ children }: { children: ReactNode }) {
  const [opened, { toggle, close }] = useDisclosure(false);
  const burger = useRef<HTMLButtonElement>(null);
  const shut = () => {
    close();
    burger.current?.focus();
  };
  useHotkeys(opened ? [['Escape', shut]] : []);
  return (
    <AppShell
      header={{ height: { base: 54, sm: 0 } }}
      navbar={{ width: 224, breakpoint: 'sm', collapsed: { mobile: !opened } }}
      padding={{ base: 'md', sm: 'xl' }}
      layout="alt"
    >
      <a href="#content" className="skip">
        Skip to the content
      </a>
      <AppShell.Header hiddenFrom="sm" px="md">
        <Group h="100%" justify="space-between">
          <Brand />
          <Burger ref={burger} opened={opened} onClick={toggle} size="sm" aria-label={opened ? 'Close navigation' : 'Open navigation'} />
        </Group>
      </AppShell.Header>
      <LabProvider fallback={<Frame opened={opened} shut={shut} close={close} content={<PageSkeleton />} />}>
        <Frame
          opened={opened}
          shut={shut}
          close={close}
          viewer={<ViewerCard />}
          content={
            <>
              <ConnectionNotice />
              {children}
            </>
          }
        />
      </LabProvider>
    </AppShell>
  );
}

interface FrameProps {
  opened: boolean;
  /** Closes it and goes back to what opened it. */
  shut(): void;
  close(): void;
  viewer?: ReactNode;
  content: ReactNode;
}

function Frame({ opened, shut, close, viewer, content }: FrameProps) {
  return (
    <>
      <AppShell.Navbar className={classes.navbar} data-opened={opened || undefined} p="sm" aria-label="Main">
        <Group justify="space-between" px={6} pt={4} pb="md">
          <Brand />
          <Burger hiddenFrom="sm" opened={opened} onClick={shut} size="sm" aria-label="Close navigation" />
        </Group>
        <AppShell.Section grow component={ScrollArea}>
          <Navigation onNavigate={close} />
        </AppShell.Section>
        <AppShell.Section className={classes.foot}>
          {viewer}
          <SchemeSwitch />
        </AppShell.Section>
      </AppShell.Navbar>
      <AppShell.Main id="content" className={classes.main}>
        <div className={classes.content}>{content}</div>
      </AppShell.Main>
    </>
  );
}

function Brand() {
  return (
    <UnstyledButton component={Link} href="/" className={classes.brand}>
      <Logo />
      <Text fw={680} fz="md" component="span">
        RiftLab
      </Text>
    </UnstyledButton>
  );
}
