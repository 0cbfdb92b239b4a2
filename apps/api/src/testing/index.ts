export { makeTestApp, type TestApp } from "./make-test-app.ts";
