// Makes a JSON Schema (draft 2020-12) of a type: what there may be, with the words of the type's TSDoc.
import ts from 'typescript';

/** Types of which a file has no values: bytes, functions, and what the library itself returns. */
const UNWRITTEN = { not: {} };

const isUnwritten = (schema) => schema === UNWRITTEN;

/** The schema of an exported type of a source file. */
export function schemaOf(program, fileName, typeName) {
  const checker = program.getTypeChecker();
  const source = program.getSourceFiles().find((file) => file.fileName.endsWith(fileName));
  const found = checker
    .getExportsOfModule(checker.getSymbolAtLocation(source))
    .find(({ name }) => name === typeName);
  const definitions = {};
  const root = of(checker.getDeclaredTypeOfSymbol(found));
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: typeName,
    ...root,
    $defs: definitions,
  };

  function of(type) {
    if (type.flags & ts.TypeFlags.Unknown) return {};
    if (type.flags & ts.TypeFlags.String) return { type: 'string' };
    if (type.flags & ts.TypeFlags.Number) return { type: 'number' };
    if (type.flags & ts.TypeFlags.Boolean) return { type: 'boolean' };
    if (type.isStringLiteral() || type.isNumberLiteral()) return { const: type.value };
    if (type.flags & ts.TypeFlags.BooleanLiteral) return { const: type.intrinsicName === 'true' };
    if (type.isUnion()) return ofUnion(type.types);
    if (checker.isTupleType(type)) return ofTuple(checker.getTypeArguments(type));
    if (checker.isArrayType(type)) {
      const items = of(checker.getTypeArguments(type)[0]);
      return isUnwritten(items) ? UNWRITTEN : { type: 'array', items };
    }
    return type.flags & ts.TypeFlags.Object ? ofObject(type) : UNWRITTEN;
  }

  function ofUnion(types) {
    const given = types.filter(({ flags }) => !(flags & (ts.TypeFlags.Undefined | ts.TypeFlags.Null)));
    const schemas = given.map(of).filter((schema) => !isUnwritten(schema));
    const constants = schemas.flatMap((schema) => ('const' in schema ? [schema.const] : []));
    const isBoolean = constants.includes(true) && constants.includes(false);
    const words = constants.filter((value) => !isBoolean || typeof value !== 'boolean');
    const choices = [
      ...(words.length > 1 ? [{ enum: words }] : words.map((value) => ({ const: value }))),
      ...(isBoolean ? [{ type: 'boolean' }] : []),
      ...schemas.filter((schema) => !('const' in schema)),
    ];
    if (choices.length === 0) return UNWRITTEN;
    return choices.length === 1 ? choices[0] : { anyOf: choices };
  }

  function ofTuple(types) {
    const prefixItems = types.map(of);
    return { type: 'array', prefixItems, minItems: types.length, maxItems: types.length };
  }

  /** One with a name is written once. */
  function ofObject(type) {
    const index = checker.getIndexInfoOfType(type, ts.IndexKind.String);
    if (index !== undefined) return { type: 'object', additionalProperties: of(index.type) };
    if (type.getCallSignatures().length > 0) return UNWRITTEN;
    const { symbol } = type;
    const [declaration] = symbol.declarations ?? [];
    if (declaration === undefined || program.isSourceFileDefaultLibrary(declaration.getSourceFile()))
      if (type.aliasSymbol === undefined && !symbol.name.startsWith('__')) return UNWRITTEN;
    const name = type.aliasSymbol?.name ?? symbol.name;
    if (name.startsWith('__') || type.aliasTypeArguments !== undefined) return fieldsOf(type);
    if (!(name in definitions)) {
      // before what is in it, which may have it again
      definitions[name] = undefined;
      definitions[name] = { ...described(type.aliasSymbol ?? symbol), ...fieldsOf(type) };
    }
    return { $ref: `#/$defs/${name}` };
  }

  function fieldsOf(type) {
    const properties = {};
    const required = [];
    for (const property of checker.getPropertiesOfType(type)) {
      const schema = of(checker.getTypeOfSymbol(property));
      if (isUnwritten(schema)) continue;
      properties[property.name] = { ...described(property), ...schema };
      if (!(property.flags & ts.SymbolFlags.Optional)) required.push(property.name);
    }
    return {
      type: 'object',
      properties,
      ...(required.length > 0 && { required }),
      additionalProperties: false,
    };
  }

  function described(symbol) {
    const description = ts.displayPartsToString(symbol.getDocumentationComment(checker));
    return description === '' ? {} : { description };
  }
}
