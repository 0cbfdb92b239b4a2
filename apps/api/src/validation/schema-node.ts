/** The part of JSON Schema that the contract's requests use. */
export interface SchemaNode {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly patternProperties?: Readonly<Record<string, SchemaNode>>;
  readonly items?: SchemaNode;
  readonly anyOf?: readonly SchemaNode[];
  readonly const?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minProperties?: number;
}

/** The node that a member is held to; undefined when the schema knows no such member. */
export function nodeAt(schema: SchemaNode, tokens: readonly string[]): SchemaNode | undefined {
  let node: SchemaNode | undefined = schema;
  for (const token of tokens) {
    node = childOf(node, token);
  }
  return node;
}

function childOf(node: SchemaNode | undefined, token: string): SchemaNode | undefined {
  const { properties = {}, patternProperties = {}, items } = node ?? {};
  return Object.hasOwn(properties, token)
    ? properties[token]
    : (Object.values(patternProperties)[0] ?? items);
}
