'use client';
import { Alert, Button, Center, Code, Paper, PasswordInput, Stack, Text, TextInput, Title } from '@mantine/core';
import { useSearchParams } from 'next/navigation';
import { type FormEvent, useState } from 'react';
import { basePath } from '../../lib/base-path.ts';
import { destinationOf } from '../../lib/destination.ts';
import { signIn } from '../../lib/sign-in.ts';
import { Logo } from '../shell/Logo.tsx';

export function SignInPage() {
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  const [waiting, setWaiting] = useState(false);
  const search = useSearchParams();
  const expired = search.has('expired');
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setWaiting(true);
    const outcome = await signIn(email.trim(), password);
    setWaiting(false);
    if (outcome.problem) setProblem(outcome.problem);
    else window.location.assign(destinationOf(search.get('next'), window.location.origin, basePath));
  };
  return (
    <Center mih="100vh" p="md" component="main">
      <Stack w="100%" maw={380} gap="lg">
        <Stack gap="xs" align="center">
          <Logo size={48} />
          <Title order={1}>Sign in to RiftLab</Title>
        </Stack>
        <Paper p="lg" component="form" onSubmit={submit}>
          <Stack>
            {expired && !problem && (
              <Alert color="yellow" role="status">
                That address has been used or has expired. An administrator makes a new one on the page People; on the server’s machine,{' '}
                <Code>npm start -- --sign-in</Code> prints one for the administrator.
              </Alert>
            )}
            {problem && (
              <Alert color="red" role="alert">
                {problem}
              </Alert>
            )}
            <TextInput
              label="E-mail"
              type="email"
              autoComplete="username"
              required
              withAsterisk={false}
              value={email}
              onChange={(event) => setEmail(event.currentTarget.value)}
            />
            <PasswordInput
              label="Password"
              autoComplete="current-password"
              required
              withAsterisk={false}
              value={password}
              onChange={(event) => setPassword(event.currentTarget.value)}
            />
            <Button type="submit" fullWidth loading={waiting}>
              Sign in
            </Button>
          </Stack>
        </Paper>
        <Text size="sm" c="dimmed" ta="center">
          No password yet, or forgotten? Ask an administrator for an address that signs you in once. Administrators get theirs by{' '}
          <Code>npm start -- --sign-in</Code>.
        </Text>
      </Stack>
    </Center>
  );
}
