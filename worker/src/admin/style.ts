// How the page looks, light and dark.

export const STYLE = `
:root { color-scheme: light dark; --line: light-dark(#dcdce2, #34343d); --soft: light-dark(#5b5b66, #a3a3b0); --card: light-dark(#fff, #1d1d23); }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 68rem; padding: 1.5rem; font: 0.95rem/1.5 system-ui, sans-serif;
  color: light-dark(#1a1a20, #ececf1); background: light-dark(#f6f6f8, #141418); }
header { display: flex; flex-wrap: wrap; align-items: baseline; justify-content: space-between; gap: 0 1rem; }
h1 { font-size: 1.3rem; margin: 0; }
h2 { font-size: 1.05rem; margin: 2.2rem 0 0.2rem; }
p { margin: 0 0 0.7rem; color: var(--soft); }
header p { margin: 0; }
a { color: light-dark(#2b50c8, #9db4ff); margin-left: 0.6rem; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr)); gap: 0.8rem; margin: 1.2rem 0 0; }
.figures div, .table, .none { background: var(--card); border: 1px solid var(--line); border-radius: 0.5rem; }
.figures div { padding: 0.7rem 1rem; }
dt, small, dd { color: var(--soft); }
dd { margin: 0; }
strong { font-size: 1.5rem; font-weight: 600; color: light-dark(#1a1a20, #ececf1); font-variant-numeric: tabular-nums; }
.table { overflow-x: auto; }
.none { padding: 0.7rem 1rem; }
table { width: 100%; border-collapse: collapse; }
th, td { padding: 0.45rem 1rem; text-align: left; vertical-align: top; font-weight: 400; }
thead th { font-size: 0.85rem; color: var(--soft); }
tbody tr { border-top: 1px solid var(--line); }
td, time { white-space: nowrap; }
.words { white-space: normal; }
.number { font-variant-numeric: tabular-nums; }
code { font: 0.85em ui-monospace, monospace; overflow-wrap: anywhere; }
meter { display: block; width: 9rem; height: 0.65rem; }
`;
