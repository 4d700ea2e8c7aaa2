'use client';
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from 'urql';
import { projects } from '../../queries/runs.ts';

/** Names of projects that contain the text; cut: how many more do. */
export function useProjects(text: string) {
  const [search] = useDebouncedValue(text.trim(), 200);
  const [{ data }] = useQuery({ query: projects, variables: { search: search || null } });
  const names = data?.projects.nodes.map(({ name }) => name) ?? [];
  return { names, cut: Math.max(0, (data?.projects.totalCount ?? 0) - names.length) };
}
