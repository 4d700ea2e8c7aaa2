/** Looks over everything that a client sends in arguments: how long lists and texts are, and whether a text is one that can be kept. */
import {
  type DocumentNode,
  type GraphQLArgument,
  GraphQLError,
  type GraphQLInputType,
  type GraphQLSchema,
  isInputObjectType,
  isListType,
  isNonNullType,
  Kind,
  TypeInfo,
  valueFromASTUntyped,
  visit,
  visitWithTypeInfo,
} from 'graphql';

type Path = readonly (string | number)[];
type Variables = Readonly<Record<string, unknown>>;

/** Where an argument states no bound of its own: characters of a text, items of a list. */
const longestText = 10_000;
const longestList = 100;

/** Levels of a JSON value, and values in all of them. */
const deepest = 20;
const mostValues = 10_000;

interface Place {
  path: Path;
  /** What the argument or input field states: items of the list, or characters of the text. */
  most: number | undefined;
  /** Whether it may be left out. */
  hasDefault: boolean;
}

const refuse = (code: 'BAD_USER_INPUT' | 'LIMIT_EXCEEDED', message: string, path: Path) =>
  new GraphQLError(message, { extensions: { code, path } });

/** The first value of an operation's arguments that is too much, or no text; null when there is none. */
export function wrongInput(schema: GraphQLSchema, document: DocumentNode, sent: Variables | undefined): GraphQLError | null {
  const types = new TypeInfo(schema);
  const variables = { ...defaultsOf(document), ...sent };
  let found: GraphQLError | null = null;
  visit(
    document,
    visitWithTypeInfo(types, {
      Argument(node) {
        const argument = types.getArgument();
        if (found || !argument) return;
        const { name, type } = argument;
        found = wrongValue(type, valueFromASTUntyped(node.value, variables), { path: [name], ...aboutOf(argument) });
      },
    }),
  );
  return found;
}

const aboutOf = ({ extensions, defaultValue }: Pick<GraphQLArgument, 'extensions' | 'defaultValue'>) => ({
  most: extensions.most as number | undefined,
  hasDefault: defaultValue !== undefined,
});

/** Of the variables that an operation declares with a default. */
function defaultsOf({ definitions }: DocumentNode): Variables {
  const declared = definitions.flatMap((one) => (one.kind === Kind.OPERATION_DEFINITION ? (one.variableDefinitions ?? []) : []));
  return Object.fromEntries(
    declared.flatMap(({ variable, defaultValue }) => (defaultValue ? [[variable.name.value, valueFromASTUntyped(defaultValue)]] : [])),
  );
}

function wrongValue(type: GraphQLInputType, value: unknown, place: Place): GraphQLError | null {
  if (isNonNullType(type)) return value === null ? mustBeThere(place) : wrongValue(type.ofType, value, place);
  if (typeof value === 'string') return wrongText(value, place);
  if (typeof value !== 'object' || value === null) return null;
  if (isListType(type)) return Array.isArray(value) ? wrongItems(type.ofType, value, place) : wrongValue(type.ofType, value, place);
  if (!isInputObjectType(type)) return wrongJson(value, place.path, deepest, { left: mostValues });
  const fields = type.getFields();
  for (const [name, inner] of Object.entries(value)) {
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
    const wrong = field && wrongValue(field.type, inner, { path: [...place.path, name], ...aboutOf(field) });
    if (wrong) return wrong;
  }
  return null;
}

/** A variable that may be null passes validation where the argument has a default, and no null is taken there. */
const mustBeThere = ({ path, hasDefault }: Place) =>
  refuse('BAD_USER_INPUT', `${path.at(-1)} must not be null${hasDefault ? ': leave it out for its default' : ''}.`, path);

function wrongItems(
  type: GraphQLInputType,
  items: readonly unknown[],
  { path, most = longestList }: Pick<Place, 'path' | 'most'>,
): GraphQLError | null {
  if (items.length > most) return refuse('LIMIT_EXCEEDED', `${path.at(-1)} has at most ${most} items (got ${items.length}).`, path);
  for (const [position, item] of items.entries()) {
    const wrong = wrongValue(type, item, { path: [...path, position], most: undefined, hasDefault: false });
    if (wrong) return wrong;
  }
  return null;
}

function wrongJson(value: unknown, path: Path, levels: number, values: { left: number }): GraphQLError | null {
  if (values.left-- === 0) return refuse('LIMIT_EXCEEDED', `A JSON value holds at most ${mostValues} values.`, path);
  if (typeof value === 'string') return wrongText(value, { path, most: undefined });
  if (typeof value !== 'object' || value === null) return null;
  if (levels === 0) return refuse('LIMIT_EXCEEDED', `A JSON value has at most ${deepest} levels.`, path);
  const isList = Array.isArray(value);
  for (const [name, inner] of Object.entries(value)) {
    const wrongName = isList ? null : wrongText(name, { path, most: undefined });
    const wrong = wrongName ?? wrongJson(inner, [...path, isList ? Number(name) : name], levels - 1, values);
    if (wrong) return wrong;
  }
  return null;
}

/** The database keeps no NUL character, and half of a surrogate pair is no text in UTF-8. */
function wrongText(text: string, { path, most = longestText }: Pick<Place, 'path' | 'most'>): GraphQLError | null {
  if (text.length > most) return refuse('LIMIT_EXCEEDED', `${path.at(-1)} has at most ${most} characters (got ${text.length}).`, path);
  if (text.includes('\0')) return refuse('BAD_USER_INPUT', 'A text cannot hold the character NUL (U+0000).', path);
  if (/\p{Surrogate}/u.test(text))
    return refuse('BAD_USER_INPUT', 'This text is cut inside a character: it holds half of a surrogate pair.', path);
  return null;
}
