/** What an operation costs: one for each field, times the sizes of the lists it is in.
 *
 *  A size is the field's `k`, `first` or `limit` (literal, variable or default); a list without one
 *  counts as 10. A field may state its own price (`@Field({ complexity: 20 })`). The document is
 *  compiled once to a small formula of its variables, so that a request whose document is cached
 *  pays a few multiplications. (graphql-query-complexity walks the document again for each
 *  request.) */
import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  type InlineFragmentNode,
  isCompositeType,
  isListType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  type ValueNode,
} from 'graphql';
import { fieldOf, fragmentsOf, typeNamed } from './document';

const SIZE_ARGUMENTS = ['k', 'first', 'limit'] as const;
const UNSIZED_LIST = 10;
/** Resolvers refuse larger ones with a better message than this file could give. */
const LARGEST_SIZE = 1_000;
/** The schema's own description is large, but costs no database and is bounded by graphql-js. */
const INTROSPECTION = 500;

type Variables = Readonly<Record<string, unknown>>;
/** The cost of a part of the document, given the variables. */
type Formula = (variables: Variables) => number;

export type CostOf = (
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Variables,
) => number;

/** @returns a function that compiles each document's operations once and then evaluates them */
export function costOfOperations(schema: GraphQLSchema): CostOf {
  const formulas = new WeakMap<OperationDefinitionNode, Formula>();
  return (document, operation, variables) => {
    let formula = formulas.get(operation);
    if (!formula) {
      formula = compile(schema, document, operation);
      formulas.set(operation, formula);
    }
    return formula(variables);
  };
}

function compile(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): Formula {
  const root = schema.getRootType(operation.operation);
  return root ? new Compiler(schema, document, operation).selectionSet(operation.selectionSet, root) : zero;
}

class Compiler {
  private readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  private readonly compiled = new Map<string, Formula>();
  private readonly defaults = new Map<string, number>();

  constructor(
    private readonly schema: GraphQLSchema,
    document: DocumentNode,
    operation: OperationDefinitionNode,
  ) {
    this.fragments = fragmentsOf(document);
    for (const { variable, defaultValue } of operation.variableDefinitions ?? [])
      if (defaultValue?.kind === Kind.INT)
        this.defaults.set(variable.name.value, Number(defaultValue.value));
  }

  selectionSet(set: SelectionSetNode, parent: GraphQLCompositeType): Formula {
    const parts = set.selections.map((selection): Formula => {
      if (selection.kind === Kind.FIELD) return this.field(selection, parent);
      if (selection.kind === Kind.FRAGMENT_SPREAD) return this.fragment(selection.name.value, parent);
      return this.conditional(selection, parent);
    });
    return sum(parts);
  }

  /** Of an inline fragment, or a fragment's definition. */
  private conditional(
    { typeCondition, selectionSet }: InlineFragmentNode | FragmentDefinitionNode,
    parent: GraphQLCompositeType,
  ): Formula {
    return this.selectionSet(selectionSet, typeNamed(this.schema, typeCondition?.name.value, parent));
  }

  /** A fragment's formula is shared by all its spreads: compiling stays linear, and so does
   *  evaluating, thanks to the memory per evaluation. */
  private fragment(name: string, parent: GraphQLCompositeType): Formula {
    const known = this.compiled.get(name);
    if (known) return known;
    const definition = this.fragments.get(name);
    if (!definition) return zero;
    const formula = remembered(this.conditional(definition, parent));
    this.compiled.set(name, formula);
    return formula;
  }

  private field(node: FieldNode, parent: GraphQLCompositeType): Formula {
    if (node.name.value === '__typename') return zero;
    if (node.name.value.startsWith('__')) return () => INTROSPECTION;
    const definition = fieldOf(parent, node.name.value);
    if (!definition) return zero;
    const price =
      typeof definition.extensions.complexity === 'number' ? definition.extensions.complexity : 1;
    const inner = getNamedType(definition.type);
    if (!node.selectionSet || !isCompositeType(inner)) return () => price;
    const children = this.selectionSet(node.selectionSet, inner);
    const size = sizeOf(node, definition, parent, this.defaults);
    return typeof size === 'number'
      ? (variables) => price + size * children(variables)
      : (variables) => price + size(variables) * children(variables);
  }
}

const zero: Formula = () => 0;

function sum(parts: readonly Formula[]): Formula {
  return (variables) => {
    let total = 0;
    for (const part of parts) total += part(variables);
    return total;
  };
}

/** Evaluates once per variables object: fragments spread twice inside fragments spread twice would
 *  otherwise take 2^n steps. */
function remembered(formula: Formula): Formula {
  let lastVariables: Variables | undefined;
  let lastCost = 0;
  return (variables) => {
    if (variables !== lastVariables) {
      lastCost = formula(variables);
      lastVariables = variables;
    }
    return lastCost;
  };
}

function sizeOf(
  node: FieldNode,
  definition: GraphQLField<unknown, unknown>,
  parent: GraphQLCompositeType,
  defaults: ReadonlyMap<string, number>,
): number | Formula {
  const argument = definition.args.find(({ name }) => (SIZE_ARGUMENTS as readonly string[]).includes(name));
  if (!argument) {
    // The edges of a connection are as many as the connection's own `first`, which has been
    // counted.
    return isListType(getNullableType(definition.type)) && !parent.name.endsWith('Connection')
      ? UNSIZED_LIST
      : 1;
  }
  const fallback = typeof argument.defaultValue === 'number' ? argument.defaultValue : UNSIZED_LIST;
  const value: ValueNode | undefined = node.arguments?.find(
    ({ name }) => name.value === argument.name,
  )?.value;
  if (value?.kind === Kind.INT) return bounded(Number(value.value));
  if (value?.kind !== Kind.VARIABLE) return bounded(fallback);
  const name = value.name.value;
  const otherwise = bounded(defaults.get(name) ?? fallback);
  return (variables) => (typeof variables[name] === 'number' ? bounded(variables[name]) : otherwise);
}

function bounded(size: number): number {
  return Math.min(Math.max(size, 1), LARGEST_SIZE);
}
