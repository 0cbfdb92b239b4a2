export { createLoadGenerator, type LoadGeneratorOptions } from "../load/create-load-generator.ts";
