/** The whole schema: every noun's file adds its part to the builder. */
import { printSchema } from 'graphql';
import { builder } from './builder.ts';
import './enums.ts';
import './user.ts';
import './members.ts';
import './server.ts';
import './project.ts';
import './run.ts';
import './log.ts';
import './artifact.ts';
import './run-list.ts';
import './checkpoint.ts';
import './import.ts';
import './mrc-score.ts';
import './sweep.ts';
import './evaluation.ts';
import './leaderboard.ts';
import './dataset.ts';
import './device.ts';
import './start.ts';
import './estimate.ts';
import './run-mutations.ts';
import './study.ts';
import './run-update.ts';

export const schema = builder.toSchema({ sortSchema: false });

/** The schema as text. */
export const printedSchema = () => `${printSchema(schema)}\n`;
