'use client';
import { Alert, Button, Center, Code, Paper, PasswordInput, Stack, Text, TextInput, Title } from '@mantine/core';
import { useSearchParams } from 'next/navigation';
import { type FormEvent, useState } from 'react';
import { signIn } from '../../lib/sign-in.ts';
import { Logo } from '../shell/Logo.tsx';

/** Where to go afterwards: a path of this server and nothing else. */
function destination(): string {
  const next = new URLSearchParams(window.location.search).get('next');
  return next?.startsWith('/') && !next.startsWith('//') && !next.startsWith('/\\') ? next : '/';
}

export function SignInPage() {
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  const [waiting, setWaiting] = useState(false);
  const expired = useSearchParams().has('expired');
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setWaiting(true);
    const outcome = await signIn(email.trim(), password);
    setWaiting(false);
    if (outcome.problem) setProblem(outcome.problem);
    else window.location.assign(destination());
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
                That address has been used or has expired. The next start of the server prints a fresh one.
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
          No password yet? <Code>npm start</Code> prints an address that signs you in once; then set a password on the account page.
        </Text>
      </Stack>
    </Center>
  );
}
