/** Enumerations of the schema, each registered where it is described. */
import { registerEnumType } from 'type-graphql';

/** Registers an enumeration of the schema.
 *  @param values each with its description
 *  @returns an object { A: 'A', … }, as type-graphql asks for */
export function graphqlEnum<Name extends string>(
  name: string,
  description: string,
  values: Readonly<Record<Name, string>>,
): { readonly [K in Name]: K } {
  const descriptions = Object.entries<string>(values);
  const names = Object.fromEntries(descriptions.map(([value]) => [value, value])) as {
    readonly [K in Name]: K;
  };
  const valuesConfig = Object.fromEntries(
    descriptions.map(([value, text]) => [value, { description: text }]),
  );
  registerEnumType(names, {
    name,
    description,
    valuesConfig: valuesConfig as Record<Name, { description: string }>,
  });
  return names;
}
