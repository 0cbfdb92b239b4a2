import { readTokens, type SqlToken } from "./read-tokens.ts";
import { SqlSyntaxError } from "./sql-error.ts";

/** The words that have a meaning of their own; a property of such a name goes in brackets. */
const keywords: ReadonlySet<string> = new Set([
  "and",
  "escape",
  "exists",
  "false",
  "in",
  "is",
  "like",
  "not",
  "null",
  "or",
  "remove",
  "set",
  "true",
]);

/** Goes through the tokens of an expression. */
export class TokenReader {
  readonly #tokens: readonly SqlToken[];
  #index = 0;

  /** @throws SqlSyntaxError when the text holds what is no token. */
  constructor(expression: string) {
    this.#tokens = readTokens(expression);
  }

  get current(): SqlToken {
    return this.#tokens[this.#index] ?? { kind: "end", at: 0 };
  }

  advance(): SqlToken {
    const token = this.current;
    this.#index += 1;
    return token;
  }

  /** True when the current token is this keyword. */
  isKeyword(keyword: string): boolean {
    const token = this.current;
    return token.kind === "word" && token.text.toLowerCase() === keyword;
  }

  /** Takes a keyword if it is the current token. */
  takeKeyword(keyword: string): boolean {
    const isHere = this.isKeyword(keyword);
    if (isHere) {
      this.advance();
    }
    return isHere;
  }

  /** Takes one of these symbols if it is the current token. */
  takeSymbol(symbols: readonly string[]): string | undefined {
    const token = this.current;
    if (token.kind !== "symbol" || !symbols.includes(token.text)) {
      return undefined;
    }
    this.advance();
    return token.text;
  }

  /** True when the token after the current one is this symbol. */
  isBefore(symbol: string): boolean {
    const token = this.#tokens[this.#index + 1];
    return token?.kind === "symbol" && token.text === symbol;
  }

  expectKeyword(keyword: string): void {
    if (!this.takeKeyword(keyword)) {
      throw this.unexpected(keyword.toUpperCase());
    }
  }

  expectSymbol(symbol: string): void {
    if (this.takeSymbol([symbol]) === undefined) {
      throw this.unexpected(`'${symbol}'`);
    }
  }

  /** Takes a name: a word that is no keyword, or anything in brackets or double quotes. */
  expectName(): string {
    const token = this.current;
    if (token.kind === "name" || (token.kind === "word" && !isKeyword(token.text))) {
      this.advance();
      return token.text;
    }
    throw this.unexpected("the name of a property");
  }

  expectEnd(): void {
    if (this.current.kind !== "end") {
      throw this.unexpected("the end of the expression");
    }
  }

  /** The error that says what would have been right at the current token. */
  unexpected(wanted: string): SqlSyntaxError {
    const { current } = this;
    const found = "text" in current ? `'${current.text}'` : foundText(current);
    return new SqlSyntaxError(
      `Unexpected ${found} at position ${current.at + 1}; expected ${wanted}.`,
    );
  }
}

function foundText(token: SqlToken): string {
  return token.kind === "constant" ? "constant" : "end";
}

function isKeyword(text: string): boolean {
  return keywords.has(text.toLowerCase());
}
