/**
 * Holds a parameter file to the parameters of its Bicep file: none is unknown, and what is required is given.
 * @returns {string[]} what is wrong.
 */
export function checkParameterFile(text, params) {
  let parameters;
  try {
    ({ parameters } = JSON.parse(text));
  } catch (error) {
    return [`is no JSON: ${error.message}`];
  }
  if (typeof parameters !== "object" || parameters === null) {
    return ["has no parameters"];
  }
  const unknown = Object.keys(parameters)
    .filter((name) => !params.has(name))
    .map((name) => `there is no parameter ${name}`);
  const missing = [...params.values()]
    .filter(({ isRequired, name }) => isRequired && !(name in parameters))
    .map(({ name }) => `lacks the parameter ${name}`);
  return [...unknown, ...missing];
}
