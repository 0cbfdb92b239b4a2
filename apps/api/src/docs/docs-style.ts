/** The page's only style; its digest stands in the page's Content-Security-Policy. */
export const DOCS_STYLE = `
:root { color-scheme: light dark; --line: #8883; --soft: #8881; --link: #0b62c4; --get: #0b6e4f; --post: #9a4d00; --delete: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --link: #7ab7ff; --get: #5fd3a8; --post: #ffb86b; --delete: #ff8a80; } }
* { box-sizing: border-box; }
body { margin: 0; font: 15px/1.55 system-ui, sans-serif; display: grid; grid-template-columns: 19rem minmax(0, 1fr); }
nav { position: sticky; top: 0; height: 100vh; overflow-y: auto; padding: 1.25rem; border-right: 1px solid var(--line); font-size: 13px; }
nav h2 { font-size: 11px; text-transform: uppercase; letter-spacing: .08em; margin: 1.2rem 0 .3rem; opacity: .7; }
nav ul { list-style: none; margin: 0; padding: 0; }
nav li { padding: .12rem 0; overflow-wrap: anywhere; }
main { padding: 1.5rem 2.5rem 6rem; max-width: 64rem; }
a { color: var(--link); text-decoration: none; }
a:hover { text-decoration: underline; }
h1 { margin: 0; } h2 { margin: 3rem 0 .5rem; }
section { padding: 1.5rem 0; border-top: 1px solid var(--line); }
h3 { margin: 0; font-size: 1.1rem; } h4 { margin: 1.2rem 0 .4rem; }
.summary { font-weight: 600; margin: .4rem 0; }
.method { display: inline-block; min-width: 3.6em; font: 700 11px/1.6 ui-monospace, monospace; }
.method.get { color: var(--get); } .method.post { color: var(--post); } .method.delete { color: var(--delete); }
.status { font: 700 13px ui-monospace, monospace; } .s2 { color: var(--get); } .s4 { color: var(--post); } .s5 { color: var(--delete); }
.note { opacity: .7; font-size: 12.5px; font-weight: 400; }
code, pre { font-family: ui-monospace, monospace; font-size: 13px; }
pre { background: var(--soft); border: 1px solid var(--line); border-radius: 6px; padding: .7rem .9rem; overflow-x: auto; }
figure { margin: .5rem 0; } figcaption { font-size: 12.5px; opacity: .8; } figure pre { margin: .25rem 0 .8rem; max-height: 26rem; overflow: auto; }
table { border-collapse: collapse; width: 100%; margin: .4rem 0 1rem; }
th, td { text-align: left; vertical-align: top; padding: .35rem .7rem .35rem 0; border-bottom: 1px solid var(--line); overflow-wrap: break-word; }
th { font-size: 12px; opacity: .7; }
details { border-bottom: 1px solid var(--line); padding: .35rem 0; } details[open] { padding-bottom: 1rem; }
details > summary { cursor: pointer; }
@media (max-width: 52rem) { body { display: block; } nav { position: static; height: auto; border-right: 0; border-bottom: 1px solid var(--line); } main { padding: 1rem 1.25rem 4rem; } thead { display: none; } tr, td { display: block; } tr { padding: .4rem 0; border-bottom: 1px solid var(--line); } td { border: 0; padding: 0; overflow-wrap: anywhere; } }
`;
