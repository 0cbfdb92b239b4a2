export { DocumentedAnswers } from "./documented-answers.ts";
export { makeTestApp, type TestApp } from "./make-test-app.ts";
