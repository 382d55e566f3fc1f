import ts from 'typescript';

/** One import, export-from, `import()` or `require()` in a source text. */
export interface Import {
  /** As written. */
  readonly specifier: string;
  /** Whether only types come from it. */
  readonly typeOnly: boolean;
}

/** Every module that a TypeScript source names, types included. */
export function importsOf(source: string): Import[] {
  const file = ts.createSourceFile('source.ts', source, ts.ScriptTarget.Latest, false);
  const found: Import[] = [];
  const visit = (node: ts.Node): void => {
    const entry = importIn(node);
    if (entry) found.push(entry);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

function importIn(node: ts.Node): Import | undefined {
  if (ts.isImportDeclaration(node)) return entry(node.moduleSpecifier, isTypeImport(node.importClause));
  if (ts.isExportDeclaration(node)) return entry(node.moduleSpecifier, node.isTypeOnly);
  if (ts.isExternalModuleReference(node)) return entry(node.expression, false);
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument))
    return entry(node.argument.literal, true);
  if (ts.isCallExpression(node) && isLoad(node.expression)) return entry(node.arguments[0], false);
  return undefined;
}

function entry(specifier: ts.Node | undefined, typeOnly: boolean): Import | undefined {
  return specifier && ts.isStringLiteralLike(specifier) ? { specifier: specifier.text, typeOnly } : undefined;
}

function isTypeImport(clause: ts.ImportClause | undefined): boolean {
  if (!clause) return false;
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true;
  const names = clause.namedBindings;
  if (clause.name || !names || !ts.isNamedImports(names)) return false;
  return names.elements.length > 0 && names.elements.every((element) => element.isTypeOnly);
}

function isLoad(callee: ts.Expression): boolean {
  if (callee.kind === ts.SyntaxKind.ImportKeyword) return true;
  return ts.isIdentifier(callee) && callee.text === 'require';
}
