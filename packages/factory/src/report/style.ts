/** CSS of the page: one accent colour, aligned figures, dark mode where the reader's system has it, light in print. */
export const STYLE = `
:root{color-scheme:light dark;--ink:light-dark(#1c211e,#e4e9e5);--soft:light-dark(#616c65,#98a59d);--line:light-dark(#e2e8e4,#2f3833);--edge:light-dark(#b3bfb8,#55615a);--page:light-dark(#fdfdfc,#121613);--accent:light-dark(#1f7a4d,#5cc48f);--red:light-dark(#b3372d,#e8776c);--amber:light-dark(#8f6206,#dcae4f)}
*{box-sizing:border-box}
body{margin:0 auto;padding:3.5rem 1.75rem 6rem;max-width:70rem;font:15px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--page)}
h1{font-size:2rem;line-height:1.2;margin:0 0 1.2rem;letter-spacing:-.01em}h2{font-size:1.2rem;margin:0 0 .3rem}h3{margin:2rem 0 .3rem;font-size:1rem}p{margin:.2rem 0}
section{margin-top:3.8rem}h2+p.soft{margin-bottom:1.1rem}a{color:inherit;text-decoration-color:var(--edge)}
.soft{color:var(--soft);font-size:.87rem;font-weight:400}code,pre{font:12.5px/1.5 ui-monospace,monospace;overflow-wrap:anywhere}pre{margin:0;white-space:pre-wrap;tab-size:4}
.outcome{font-size:.95rem;font-weight:600;letter-spacing:0;padding:.2rem .7rem;margin-left:.4rem;border-radius:99px;vertical-align:.3rem;background:var(--amber);color:var(--page)}.outcome.done{background:var(--accent)}.outcome.failed,.outcome.gate-failed{background:var(--red)}
dl{display:flex;flex-wrap:wrap;gap:.6rem 3rem;margin:0 0 1.4rem}dt{color:var(--soft);font-size:.87rem}dd{margin:0;font-size:1.35rem;font-variant-numeric:tabular-nums}
ul{margin:.4rem 0 1rem;padding-left:1.2rem}.open{list-style:none;padding:.1rem 0 .1rem 1rem;margin:0 0 1.4rem;border-left:3px solid var(--edge)}.open li{margin:.2rem 0}
table{border-collapse:collapse;width:100%}th,td{padding:.5rem .9rem .5rem 0;text-align:left;vertical-align:top;border-top:1px solid var(--line)}th:last-child,td:last-child{padding-right:0}thead th{border-top:0;color:var(--soft);font-weight:500;font-size:.85rem}tbody th{font-weight:600}tr:target{background:color-mix(in srgb,var(--amber) 12%,transparent)}
.total th,.total td{border-top:1px solid var(--edge)}
.number{text-align:right;font-variant-numeric:tabular-nums}td.number{white-space:nowrap}
.verdict{font-weight:600;color:var(--amber)}.verdict.pass{color:var(--accent)}.verdict.fail{color:var(--red)}.overridden{white-space:nowrap;color:var(--red);font-size:.75rem;letter-spacing:.06em}.advice{color:var(--ink)}
.gates td:nth-child(2){width:33%}.gates td:nth-child(5){white-space:normal;max-width:8rem}.gates td:last-child{overflow-wrap:anywhere;width:26%}
svg{display:block;max-width:100%}.bar{width:132px;min-width:132px;height:18px;margin-top:.15rem}.threshold{stroke:var(--ink);stroke-width:1.4}.range{stroke:var(--accent);stroke-width:6;opacity:.28}circle{fill:var(--accent)}.axis{stroke:var(--line);stroke-width:1}
.scroll{overflow-x:auto}
.graph{width:100%;margin:0 auto}.edge{fill:none;stroke:var(--edge);stroke-width:1.2}.edge.far{opacity:.38}.node rect{fill:var(--page);stroke:var(--accent);stroke-width:1.3}.node text{font-size:11.5px;fill:var(--ink)}.node .small{font-size:10.5px;fill:var(--soft)}.node.cached rect{stroke-dasharray:4 3}.node.failed rect{stroke:var(--red);stroke-width:2}.node.failed .small{fill:var(--red)}.node.blocked rect,.node.unfinished rect{stroke:var(--amber)}.node.not-started rect{stroke:var(--edge);stroke-dasharray:1 3}
figure{margin:0}figcaption{font-weight:600;margin-bottom:.35rem}.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(21rem,1fr));gap:2rem 2.6rem}.domains{display:grid;grid-template-columns:repeat(auto-fill,minmax(20rem,1fr));gap:1.8rem 2rem}.charts>*,.domains>*{min-width:0}
.plain td{border:0;padding:.08rem .6rem .08rem 0;vertical-align:middle;white-space:nowrap;font-size:.9rem}.plain td:nth-child(2){width:100%}.accuracy{width:100%;min-width:110px}
.accuracy .range{stroke:var(--soft)}.accuracy circle{fill:var(--soft)}.accuracy.own .range{stroke:var(--accent)}.accuracy.own circle{fill:var(--accent)}.accuracy .ring,.accuracy.own .ring{fill:none;stroke:var(--soft);stroke-width:1.2}.accuracy.own .ring{stroke:var(--accent)}
.curve{fill:none}.curve.train{stroke:var(--soft);stroke-width:1;opacity:.65}.curve.validation{stroke:var(--accent);stroke-width:2}.tick{font-size:11px;fill:var(--soft)}
.confusion .hit{background:color-mix(in srgb,var(--accent) calc(var(--share)*45%),transparent)}.confusion .miss{background:color-mix(in srgb,var(--red) calc(8% + var(--share)*55%),transparent)}.confusion th,.confusion td{padding:.45rem .7rem}.confusion th:first-child{padding-left:0}
.answers{margin-top:.7rem;table-layout:fixed;min-width:44rem}.answers .verdict{font-size:.8rem}.answers td,.gates td{overflow-wrap:anywhere}.gates th{white-space:nowrap}section .answers th:first-child:nth-last-child(3){width:8rem}
.costs code{white-space:nowrap}.costs td{padding-top:.32rem;padding-bottom:.32rem}.length{display:block;height:.55rem;margin-top:.45rem;width:calc(var(--share)*8rem);min-width:1px;background:var(--accent);border-radius:2px;opacity:.6}
.recipe{padding:1rem 1.2rem;border:1px solid var(--line);border-radius:6px}
@media (max-width:46rem){.gates,.gates tbody,.gates tr,.gates td{display:block;width:auto!important}.gates thead{display:none}.gates td{border:0;padding:.1rem 0;text-align:left}.gates tr{border-top:1px solid var(--line);padding:.6rem 0}.gates td:nth-child(3)::before{content:'measured '}.gates td:nth-child(5)::before{content:'threshold '}.gates td.number br{display:none}.gates td.number .soft{margin-left:.5em}.gates td:nth-child(5){max-width:none}}
@media print{:root{color-scheme:light}body{max-width:none;padding:0;font-size:10.5pt;print-color-adjust:exact;-webkit-print-color-adjust:exact}section{margin-top:2rem}h2,h3,p.soft{break-after:avoid}tr,figure,svg{break-inside:avoid}.scroll{overflow:visible}.answers{min-width:0}.recipe{columns:3;font-size:8pt}}
`;
