/** Teaches the tracer every kernel that there is; tfjs names the others when a step needs them. */
import './elementwise.ts';
import './normalisation.ts';
import './reductions.ts';
import './shapes.ts';
import './windows.ts';
