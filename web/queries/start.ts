import { gql } from 'urql';
import { graphql, type ResultOf } from '../lib/graphql.ts';

export interface TypeReference {
  kind: string;
  name: string | null;
  ofType?: TypeReference | null;
}

export interface InputField {
  name: string;
  description: string | null;
  /** As the schema's language writes it. */
  defaultValue: string | null;
  type: TypeReference;
}

export interface IntrospectedType {
  name: string;
  kind: string;
  description: string | null;
  /** Exactly one of its fields is given. */
  isOneOf: boolean | null;
  inputFields: InputField[] | null;
  enumValues: { name: string; description: string | null }[] | null;
}

/** Every input type of the API with its descriptions: the forms are made from it. */
export const inputTypes = gql<{ __schema: { types: IntrospectedType[] } }>(`
  query InputTypes {
    __schema {
      types {
        name
        kind
        description
        isOneOf
        inputFields {
          name
          description
          defaultValue
          type { kind name ofType { kind name ofType { kind name ofType { kind name } } } }
        }
        enumValues { name description }
      }
    }
  }
`);

export const runToRepeat = graphql(`query RunToRepeat($id: ID!) { run(id: $id) { id name kind config project { id name } } }`);

/** Changes nothing: what a run would take and its settings would be, and what is wrong with its input. */
export const estimate = graphql(`
  mutation Estimate($kind: RunKind!, $input: JSON!) {
    estimate(kind: $kind, input: $input) { config devices { seconds device { id name state } stages { name seconds } } }
  }
`);

export type DeviceEstimate = ResultOf<typeof estimate>['estimate']['devices'][number];
