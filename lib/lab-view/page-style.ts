/** The page's style sheet. */
export const STYLE = `
* { box-sizing: border-box; }
body { margin: 0; font: 14px Helvetica, Arial, sans-serif; color: #222; display: flex; flex-direction: column; height: 100vh; }
header { display: flex; align-items: center; gap: 1rem; padding: .4rem 1rem; border-bottom: 1px solid #ccc; }
h1 { font-size: 1.1rem; margin: 0; flex: 1; }
main { display: flex; flex: 1; min-height: 0; }
section { overflow: auto; padding: .5rem; }
#picture { flex: 1; min-width: 16rem; }
#picture pre { margin: 0; }
#wires { flex: none; max-width: 70%; border-left: 1px solid #ccc; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .2rem .4rem; border-bottom: 1px solid #eee; white-space: nowrap; }
td.rate { text-align: right; font-variant-numeric: tabular-nums; }
tr.cut td.state { color: #b3261e; font-weight: bold; }
tr.impaired td.state { color: #a15c00; font-weight: bold; }
text.rate { font: 8px Helvetica, Arial, sans-serif; fill: #2f6f4f; text-anchor: middle; }
footer { height: 9rem; overflow: auto; border-top: 1px solid #ccc; padding: 0 1rem; }
ol { list-style: none; margin: .3rem 0; padding: 0; }
li time { color: #666; display: inline-block; width: 6rem; font-variant-numeric: tabular-nums; }
button { font: inherit; }
`;
