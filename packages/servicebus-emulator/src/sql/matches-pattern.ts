/** One place of a pattern: a character, any one character, or any number of them. */
type PatternPart = { readonly character: string } | "one" | "many";

/**
 * Whether a text matches a pattern of LIKE: `%` stands for any characters, `_` for one, and what
 * follows the escape character for itself. Takes steps up to the product of both lengths, whatever the
 * pattern: a regular expression could take for ever.
 */
export function matchesPattern(text: string, pattern: string, escape: string | undefined): boolean {
  const characters = Array.from(text);
  const parts = patternParts(pattern, escape);
  let at = 0;
  let part = 0;
  let lastMany = -1;
  let retryAt = 0;
  while (at < characters.length) {
    const wanted = parts[part];
    if (wanted === "many") {
      lastMany = part;
      retryAt = at;
      part += 1;
    } else if (wanted !== undefined && (wanted === "one" || wanted.character === characters[at])) {
      at += 1;
      part += 1;
    } else if (lastMany >= 0) {
      retryAt += 1;
      at = retryAt;
      part = lastMany + 1;
    } else {
      return false;
    }
  }
  return parts.slice(part).every((rest) => rest === "many");
}

function patternParts(pattern: string, escape: string | undefined): readonly PatternPart[] {
  const parts: PatternPart[] = [];
  let isEscaped = false;
  for (const character of pattern) {
    if (isEscaped) {
      parts.push({ character });
      isEscaped = false;
    } else if (character === escape) {
      isEscaped = true;
    } else {
      parts.push(partOf(character));
    }
  }
  return parts;
}

function partOf(character: string): PatternPart {
  switch (character) {
    case "%":
      return "many";
    case "_":
      return "one";
    default:
      return { character };
  }
}
