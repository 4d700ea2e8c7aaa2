/** What one operation may ask for: rules that both HTTP and sockets validate by. */
import { ApolloArmor } from '@escape.tech/graphql-armor';
import { type DocumentNode, type GraphQLError, type GraphQLSchema, specifiedRules, type ValidationContext, validate } from 'graphql';

/** Longest body of a request, in bytes. */
export const mostBodyBytes = 1_000_000;

/** GraphiQL's introspection has about 300 tokens, the pages' largest query about 400. */
export const mostTokens = 4000;

const report = {
  onReject: [
    (context: ValidationContext | null, error: GraphQLError) => {
      error.message = error.message.replace('Syntax Error: ', '');
      error.extensions.code = 'LIMIT_EXCEEDED';
      context?.reportError(error);
    },
  ],
  propagateOnRejection: false,
};

const { validationRules } = new ApolloArmor({
  maxDepth: { n: 14, flattenFragments: true, ...report },
  maxAliases: { n: 30, ...report },
  maxDirectives: { n: 50, ...report },
  costLimit: { maxCost: 50_000, flattenFragments: true, ...report },
  blockFieldSuggestion: { enabled: false },
  maxTokens: { enabled: false },
}).protect();

export const limitRules = validationRules;

export const validateWithin = (schema: GraphQLSchema, document: DocumentNode): readonly GraphQLError[] =>
  validate(schema, document, [...specifiedRules, ...limitRules]);
