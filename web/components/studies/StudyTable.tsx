import { Anchor, Box, Table, Text, Tooltip } from '@mantine/core';
import Link from 'next/link';
import { percent } from '../../lib/format.ts';
import { cellWords, scaleWord, severitiesWord } from '../../lib/studies.ts';
import { architectureWord, datasetWord, stateWord } from '../../lib/words.ts';
import type { Spread, StudyRow } from '../../queries/studies.ts';
import suites from '../display/SuiteHead.module.css';
import { SuiteHead } from '../display/SuiteHead.tsx';
import { Suspect } from '../display/Suspect.tsx';
import classes from './Studies.module.css';

const measures = [
  { name: 'standard', label: 'Standard' },
  { name: 'ood', label: 'Out of distribution' },
  { name: 'robust', label: 'Robust' },
  { name: 'autoAttack', label: 'AutoAttack' },
] as const;
type Measure = (typeof measures)[number]['name'];

interface Published {
  source: string;
  architecture: string;
  dataset: string;
  rift: Partial<Record<Measure, number>>;
}
const publishedOf = (row: StudyRow) => row.published as Published | null;

/** Measures of which there is a number, here or in the paper. */
const shownIn = (rows: readonly StudyRow[]) =>
  measures.filter(({ name }) => rows.some((row) => row[name] ?? row.base[name] ?? publishedOf(row)?.rift[name] ?? name === 'robust'));

function Mean({ of }: { of: Spread | null }) {
  if (!of) return <span className={classes.number}>–</span>;
  return (
    <span className={classes.number}>
      {percent(of.mean, 2)} {of.sd !== null && <small>± {(of.sd * 100).toFixed(2)}</small>}
    </span>
  );
}

/** The paper's number; where it is of another network than the study's, the hint says of which. */
function Printed({ row, name }: { row: StudyRow; name: Measure }) {
  const published = publishedOf(row);
  const value = published?.rift[name];
  if (!published || value === undefined) return <span className={classes.number}>–</span>;
  const of = `${published.source}: ${architectureWord(published.architecture)} on ${datasetWord(published.dataset)}`;
  return (
    <Tooltip label={of} events={{ hover: true, focus: true, touch: true }}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: the hint must be reachable by keyboard */}
      <span className={classes.number} tabIndex={0}>
        {percent(value, 2)}
      </span>
    </Tooltip>
  );
}

function Runs({ row }: { row: StudyRow }) {
  const failures = [...new Set(row.runs.flatMap(({ state, error }) => (state === 'FAILED' && error ? [error.message] : [])))];
  return (
    <div className={classes.runs}>
      {row.runs.map(({ id, seed, state }) => (
        <Anchor key={id} component={Link} href={`/runs/${id}`} size="xs" underline="always">
          seed {seed}{' '}
          <Text span size="xs" c={state === 'FAILED' ? 'red' : 'dimmed'}>
            {stateWord(state).toLowerCase()}
          </Text>
        </Anchor>
      ))}
      {failures.map((message) => (
        <Text key={message} size="xs" c="red" lineClamp={3} w="100%">
          {message}
        </Text>
      ))}
      {row.runs.length === 0 && (
        <Text size="xs" c="dimmed">
          Its runs were deleted.
        </Text>
      )}
    </div>
  );
}

function Cell({ row }: { row: StudyRow }) {
  const images = row.images === null ? null : `${row.images.toLocaleString('en-US')} test ${row.images === 1 ? 'image' : 'images'}`;
  const size = [images, scaleWord(row.scale), severitiesWord(row.severities)].filter((word) => word !== null);
  return (
    <>
      <Text size="sm" fw={550}>
        {cellWords(row.cell)}
      </Text>
      {size.length > 0 && (
        <Text size="xs" c="dimmed">
          {size.join(' · ')}
        </Text>
      )}
      <Runs row={row} />
      {row.unlike > 0 && (
        <Text size="xs" c="var(--figure-robust)">
          {row.unlike} of its finished runs {row.unlike === 1 ? 'has' : 'have'} other settings, or {row.unlike === 1 ? 'was' : 'were'}{' '}
          measured otherwise, than the rest: in no mean here.
        </Text>
      )}
      {row.suspect > 0 && (
        <Suspect trust="SUSPECT" findings={[`${row.suspect} of its runs have a number that failed a sanity check; it is in no mean.`]} />
      )}
    </>
  );
}

/** Every cell with its spread over seeds, the paper's number beside it. */
export function StudyTable({ rows }: { rows: readonly StudyRow[] }) {
  const shown = shownIn(rows);
  return (
    <>
      <Table.ScrollContainer minWidth={300 + 260 * shown.length} visibleFrom="sm">
        <Table highlightOnHover>
          <SuiteHead suites={shown} columns={['Base', 'RiFT', "Paper's RiFT"]} before={<Table.Th rowSpan={2}>Cell</Table.Th>} />
          <Table.Tbody>
            {rows.map((row) => (
              <Table.Tr key={JSON.stringify(row.cell)}>
                <Table.Td miw={200}>
                  <Cell row={row} />
                </Table.Td>
                {shown.flatMap(({ name }) => [
                  <Table.Td key={`${name} base`} ta="right" className={suites.group}>
                    <Mean of={row.base[name]} />
                  </Table.Td>,
                  <Table.Td key={`${name} rift`} ta="right" fw={560}>
                    <Mean of={row[name]} />
                  </Table.Td>,
                  <Table.Td key={`${name} paper`} ta="right" c="dimmed">
                    <Printed row={row} name={name} />
                  </Table.Td>,
                ])}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      <Box hiddenFrom="sm" component="ul" className={classes.list}>
        {rows.map((row) => (
          <li key={JSON.stringify(row.cell)} className={classes.item}>
            <Cell row={row} />
            {shown.map(({ name, label }) => (
              <dl key={name} className={classes.cells}>
                <dt>{label}: base, RiFT, paper's RiFT</dt>
                <dd>
                  <Mean of={row.base[name]} />
                </dd>
                <dd>
                  <b>
                    <Mean of={row[name]} />
                  </b>
                </dd>
                <dd>
                  <Printed row={row} name={name} />
                </dd>
              </dl>
            ))}
          </li>
        ))}
      </Box>
    </>
  );
}
