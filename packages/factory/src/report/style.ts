/** The page's own look: one accent, figures aligned, dark where the reader's system is. */
export const STYLE = `
:root{color-scheme:light dark;--ink:light-dark(#1c211e,#e4e9e5);--soft:light-dark(#5f6b64,#98a59d);--line:light-dark(#dde4df,#333d37);--page:light-dark(#fbfcfb,#121613);--card:light-dark(#fff,#191e1b);--accent:light-dark(#1f7a4d,#5cc48f);--red:light-dark(#b3372d,#e8776c);--amber:light-dark(#93660a,#dcae4f)}
body{margin:0 auto;padding:2.5rem 1.5rem 6rem;max-width:68rem;font:15px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--page)}
h1{font-size:1.9rem;margin:0 0 .3rem}h2{font-size:1.15rem;margin:2.6rem 0 .6rem}h3{margin:1.4rem 0 .4rem;font-size:1rem}p{margin:.2rem 0}
.soft{color:var(--soft);font-size:.9em}code,pre{font:13px/1.45 ui-monospace,monospace;overflow-wrap:anywhere}pre{margin:0;white-space:pre-wrap}
.outcome{font-size:1rem;padding:.15rem .6rem;border-radius:99px;vertical-align:middle;background:var(--amber);color:var(--page)}.outcome.done{background:var(--accent)}.outcome.failed,.outcome.gate-failed{background:var(--red)}
table{border-collapse:collapse;width:100%;background:var(--card);border:1px solid var(--line);border-radius:8px}th,td{padding:.45rem .7rem;text-align:left;vertical-align:top;border-top:1px solid var(--line)}thead th{border-top:0;color:var(--soft);font-weight:500;font-size:.85em}
.number{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}.verdict{font-weight:600;color:var(--amber)}.verdict.pass{color:var(--accent)}.verdict.fail{color:var(--red)}
svg{max-width:100%}td.soft{overflow-wrap:anywhere;min-width:14rem}td:nth-child(2){min-width:12rem}.plain td,.plain td:nth-child(2),.confusion td:nth-child(2){min-width:0}.bar{width:120px;min-width:120px;height:16px}.bar .threshold{stroke:var(--amber);stroke-width:2}.range{stroke:var(--accent);stroke-width:2.5;opacity:.55}circle{fill:var(--accent)}.axis{stroke:var(--line)}
.wide{overflow-x:auto;padding:.6rem;background:var(--card);border:1px solid var(--line);border-radius:8px}.wide svg{max-width:none}
.edge{fill:none;stroke:var(--line);stroke-width:1.4}.node rect{fill:var(--page);stroke:var(--accent);stroke-width:1.3}.node text{font-size:11.5px;fill:var(--ink)}.node .small{font-size:10px;fill:var(--soft)}.node.cached rect{stroke-dasharray:4 3}.node.failed rect{stroke:var(--red)}.node.blocked rect,.node.unfinished rect{stroke:var(--amber)}
figure{margin:0}figcaption{font-weight:600;margin-bottom:.3rem}.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(20rem,1fr));gap:1.4rem}.domains{display:grid;grid-template-columns:repeat(auto-fit,minmax(19rem,1fr));gap:1rem}
.plain{border:0;background:none}.plain td{border:0;padding:.1rem .4rem}.accuracy{width:160px;height:14px}
.curve{fill:none;stroke:var(--soft);stroke-width:1.3;opacity:.7}.curve.c1{stroke:var(--accent);stroke-width:2;opacity:1}.tick{font-size:10.5px;fill:var(--soft)}.key{font-size:11px;fill:var(--soft)}.key.c1{fill:var(--accent)}
.range.c0,circle.c0{stroke:var(--soft);fill:var(--soft)}.range.c1,circle.c1{stroke:light-dark(#3b6fb3,#7fb0ec);fill:light-dark(#3b6fb3,#7fb0ec)}.range.c2,circle.c2{stroke:light-dark(#8a5fb0,#bd97df);fill:light-dark(#8a5fb0,#bd97df)}circle{stroke:none}
.confusion td{text-align:right;font-variant-numeric:tabular-nums}.confusion .hit{background:color-mix(in srgb,var(--accent) calc(var(--share)*55%),transparent)}.confusion .miss{background:color-mix(in srgb,var(--red) calc(10% + var(--share)*60%),transparent)}
.answers{margin:.5rem 0 1rem}.answers td:first-child{width:11rem;white-space:nowrap}.length{display:block;height:.6rem;margin-top:.4rem;width:calc(var(--share)*10rem);background:var(--accent);border-radius:3px;opacity:.7}
section:last-of-type pre{padding:.8rem;max-height:24rem;overflow:auto;background:var(--card);border:1px solid var(--line);border-radius:8px}
@media print{body{max-width:none}section{break-inside:avoid-page}}
`;
